//! The two databases behind one face: sessions, statements, values and rows.
//!
//! Statements are written once, in the SQL that both understand: `$1`, `RETURNING`,
//! `ON CONFLICT`, and three kinds of value: whole numbers of 64 bits, texts and bytes. Never
//! builds a statement from text that came from outside.

use std::hash::Hash;
use std::ops::{Deref, DerefMut};

use plimsoll_core::{Digest, Timestamp};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgPool, Postgres, SqlSafeStr, SqlStr, Sqlite, SqlitePool};

use crate::Error;
use crate::memory::{Counted, Memo, Memory};

/// A pool of readers and one writer, or PostgreSQL, which sorts that out itself.
pub(crate) enum Database {
    Sqlite { writer: SqlitePool, readers: SqlitePool, memory: Box<Memory> },
    Postgres(PgPool),
}

impl Database {
    /// An SQLite database. No other process changes it.
    pub(crate) fn sqlite(writer: SqlitePool, readers: SqlitePool) -> Database {
        Database::Sqlite { writer, readers, memory: Box::default() }
    }

    /// What was asked before, if nothing has changed since, or else what is read now.
    pub(crate) async fn remembered<K: Eq + Hash, V: Clone>(
        &self,
        memo: fn(&Memory) -> &Memo<K, V>,
        key: K,
        read: impl Future<Output = Result<V, Error>>,
    ) -> Result<V, Error> {
        let Database::Sqlite { memory, .. } = self else { return read.await };
        let (memo, age) = (memo(memory), memory.age());
        if let Some(known) = memo.find(&key, age) {
            return Ok(known);
        }
        let found = read.await?;
        memo.keep(key, &found, age);
        Ok(found)
    }

    /// The row of a statement, if there is one, as it was read before or is now.
    pub(crate) async fn remembered_row<K: Eq + Hash, V: Clone>(
        &self,
        memo: fn(&Memory) -> &Memo<K, Option<V>>,
        key: K,
        statement: Statement,
        row: impl Fn(&Row) -> Result<V, Error>,
    ) -> Result<Option<V>, Error> {
        self.remembered(memo, key, async { self.read().await?.optional(statement, row).await }).await
    }

    /// A session for statements that change nothing.
    pub(crate) async fn read(&self) -> Result<Session, Error> {
        Ok(match self {
            Database::Sqlite { readers, .. } => Session::SqliteRead(readers.acquire().await?),
            Database::Postgres(pool) => Session::PostgresRead(pool.acquire().await?),
        })
    }

    /// A transaction; dropped without a commit it changes nothing.
    ///
    /// On SQLite it has the only writing connection and takes the lock at once, so that it never
    /// fails halfway because somebody else wrote.
    pub(crate) async fn write(&self) -> Result<Transaction, Error> {
        Ok(match self {
            Database::Sqlite { writer, memory, .. } => {
                Transaction(Session::SqliteWrite(begin(writer).await?), memory.counted())
            }
            Database::Postgres(pool) => {
                Transaction(Session::PostgresWrite(pool.begin().await?), Counted::default())
            }
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Database::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins a transaction on the connection that writes.
///
/// On a full disk SQLite ends a transaction by itself, and the connection may go on believing in it. There
/// is no other that writes, so it makes room for a new one.
async fn begin(writer: &SqlitePool) -> Result<sqlx::Transaction<'static, Sqlite>, sqlx::Error> {
    const BEGIN: &str = "BEGIN IMMEDIATE";
    match writer.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            writer.acquire().await?.close().await?;
            writer.begin_with(BEGIN).await
        }
        begun => begun,
    }
}

/// A connection lent by a pool, inside of a transaction or not.
pub(crate) enum Session {
    SqliteRead(PoolConnection<Sqlite>),
    SqliteWrite(sqlx::Transaction<'static, Sqlite>),
    PostgresRead(PoolConnection<Postgres>),
    PostgresWrite(sqlx::Transaction<'static, Postgres>),
}

/// A session whose changes are kept by [`Transaction::commit`] and by nothing else.
pub(crate) struct Transaction(Session, Counted);

impl Deref for Transaction {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.0
    }
}

impl Transaction {
    pub(crate) async fn commit(self) -> Result<(), Error> {
        let Transaction(session, counted) = self;
        match session {
            // Goes on when nobody waits for it any more: it is counted when it has happened, and then only.
            Session::SqliteWrite(transaction) => {
                let ending = tokio::spawn(async move {
                    let ended = transaction.commit().await;
                    drop(counted);
                    ended
                });
                ending.await.map_err(|_| sqlx::Error::WorkerCrashed)??;
            }
            Session::PostgresWrite(transaction) => transaction.commit().await?,
            Session::SqliteRead(_) | Session::PostgresRead(_) => (),
        }
        Ok(())
    }
}

/// A statement with the values of its parameters.
pub(crate) struct Statement {
    text: SqlStr,
    values: Vec<Value>,
}

/// Begins a statement.
pub(crate) fn sql(text: &'static str) -> Statement {
    Statement { text: text.into_sql_str(), values: Vec::new() }
}

/// Begins a statement that is put together; every part stands in this program's text.
pub(crate) fn composed(parts: &[&'static str]) -> Statement {
    Statement { text: AssertSqlSafe(parts.concat()).into_sql_str(), values: Vec::new() }
}

impl Statement {
    /// The value of the next parameter.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Statement {
        self.values.push(value.into());
        self
    }

    /// PostgreSQL's texts hold no zero byte, so SQLite's shall not either.
    fn check(&self) -> Result<(), Error> {
        let zero = |value: &Value| matches!(value, Value::Text(Some(text)) if text.contains('\0'));
        if self.values.iter().any(zero) {
            return Err(Error::Invalid { what: "a text with a zero byte" });
        }
        Ok(())
    }
}

/// A statement over the elements of a list: its first parameter is a JSON array of arrays, and `j.value`
/// one of these, from which `->>` takes texts.
macro_rules! over_list {
    ($session:expr, $before:expr, $after:expr) => {
        $crate::database::sql(if $session.is_postgres() {
            concat!($before, " json_array_elements(CAST($1 AS JSON)) AS j(value) ", $after)
        } else {
            concat!($before, " json_each($1) AS j ", $after)
        })
    };
}
pub(crate) use over_list;

/// What a parameter may be.
pub(crate) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! prepared {
    ($database:ty, $statement:expr) => {{
        let Statement { text, values } = $statement;
        let mut query = sqlx::query::<$database>(text);
        for value in values {
            query = match value {
                Value::Number(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Session {
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Session::PostgresRead(_) | Session::PostgresWrite(_))
    }

    /// Runs a statement and says how many rows it touched.
    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        statement.check()?;
        Ok(match self {
            Session::SqliteRead(it) => prepared!(Sqlite, statement).execute(&mut **it).await?.rows_affected(),
            Session::SqliteWrite(it) => {
                prepared!(Sqlite, statement).execute(&mut **it).await?.rows_affected()
            }
            Session::PostgresRead(it) => {
                prepared!(Postgres, statement).execute(&mut **it).await?.rows_affected()
            }
            Session::PostgresWrite(it) => {
                prepared!(Postgres, statement).execute(&mut **it).await?.rows_affected()
            }
        })
    }

    /// The row, if there is one.
    pub(crate) async fn optional<T>(
        &mut self,
        statement: Statement,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.row(statement).await?.map(|row| read(&row)).transpose()
    }

    /// The row of a statement that always gives one.
    pub(crate) async fn one<T>(
        &mut self,
        statement: Statement,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.optional(statement, read).await?.ok_or(Error::Database(sqlx::Error::RowNotFound))
    }

    /// All rows. The statement limits them.
    pub(crate) async fn all<T>(
        &mut self,
        statement: Statement,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.rows(statement).await?.iter().map(read).collect()
    }

    // What follows knows nothing of `T`, so that it is compiled once.

    async fn row(&mut self, statement: Statement) -> Result<Option<Row>, Error> {
        statement.check()?;
        Ok(match self {
            Session::SqliteRead(it) => {
                prepared!(Sqlite, statement).fetch_optional(&mut **it).await?.map(Row::Sqlite)
            }
            Session::SqliteWrite(it) => {
                prepared!(Sqlite, statement).fetch_optional(&mut **it).await?.map(Row::Sqlite)
            }
            Session::PostgresRead(it) => {
                prepared!(Postgres, statement).fetch_optional(&mut **it).await?.map(Row::Postgres)
            }
            Session::PostgresWrite(it) => {
                prepared!(Postgres, statement).fetch_optional(&mut **it).await?.map(Row::Postgres)
            }
        })
    }

    async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, Error> {
        statement.check()?;
        Ok(match self {
            Session::SqliteRead(it) => {
                rows(prepared!(Sqlite, statement).fetch_all(&mut **it).await?, Row::Sqlite)
            }
            Session::SqliteWrite(it) => {
                rows(prepared!(Sqlite, statement).fetch_all(&mut **it).await?, Row::Sqlite)
            }
            Session::PostgresRead(it) => {
                rows(prepared!(Postgres, statement).fetch_all(&mut **it).await?, Row::Postgres)
            }
            Session::PostgresWrite(it) => {
                rows(prepared!(Postgres, statement).fetch_all(&mut **it).await?, Row::Postgres)
            }
        })
    }

    /// Runs a script of several statements: a migration.
    pub(crate) async fn script(&mut self, text: &'static str) -> Result<(), Error> {
        match self {
            Session::SqliteRead(it) => {
                sqlx::raw_sql(text).execute(&mut **it).await?;
            }
            Session::SqliteWrite(it) => {
                sqlx::raw_sql(text).execute(&mut **it).await?;
            }
            Session::PostgresRead(it) => {
                sqlx::raw_sql(text).execute(&mut **it).await?;
            }
            Session::PostgresWrite(it) => {
                sqlx::raw_sql(text).execute(&mut **it).await?;
            }
        }
        Ok(())
    }
}

fn rows<R>(rows: Vec<R>, wrap: fn(R) -> Row) -> Vec<Row> {
    rows.into_iter().map(wrap).collect()
}

/// A row of either database.
pub(crate) enum Row {
    Sqlite(sqlx::sqlite::SqliteRow),
    Postgres(sqlx::postgres::PgRow),
}

impl Row {
    /// The value of a column, counted from 0.
    pub(crate) fn get<T: Column>(&self, index: usize) -> Result<T, Error> {
        T::read(self, index)
    }

    fn raw<'row, T>(&'row self, index: usize) -> Result<T, Error>
    where
        T: sqlx::Decode<'row, Sqlite> + sqlx::Type<Sqlite>,
        T: sqlx::Decode<'row, Postgres> + sqlx::Type<Postgres>,
    {
        Ok(match self {
            Row::Sqlite(row) => sqlx::Row::try_get(row, index)?,
            Row::Postgres(row) => sqlx::Row::try_get(row, index)?,
        })
    }
}

/// What a column can be read as.
pub(crate) trait Column: Sized {
    fn read(row: &Row, index: usize) -> Result<Self, Error>;
}

macro_rules! plain_columns {
    ($($kind:ty),*) => {$(
        impl Column for $kind {
            fn read(row: &Row, index: usize) -> Result<Self, Error> {
                row.raw(index)
            }
        }
    )*};
}

plain_columns!(i64, String, Vec<u8>, Option<i64>, Option<String>, Option<Vec<u8>>);

impl Column for bool {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        Ok(row.get::<i64>(index)? != 0)
    }
}

impl Column for u64 {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        u64::try_from(row.get::<i64>(index)?).map_err(|_| Error::Corrupt { what: "a negative size" })
    }
}

impl Column for Timestamp {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        Ok(Timestamp(row.get(index)?))
    }
}

impl Column for Option<Timestamp> {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        Ok(row.get::<Option<i64>>(index)?.map(Timestamp))
    }
}

impl Column for Digest {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        digest(&row.get::<String>(index)?)
    }
}

impl Column for Option<Digest> {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        row.get::<Option<String>>(index)?.as_deref().map(digest).transpose()
    }
}

fn digest(text: &str) -> Result<Digest, Error> {
    text.parse().map_err(|_| Error::Corrupt { what: "a digest" })
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Number(Some(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Number(Some(i64::from(value)))
    }
}

/// Sizes beyond 2^63 exist in hostile manifests only; they are refused before they come here.
impl From<u64> for Value {
    fn from(value: u64) -> Value {
        Value::Number(Some(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Text(Some(value))
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Value {
        Value::Bytes(Some(value.to_vec()))
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Value {
        Value::Number(Some(value.0))
    }
}

impl From<&Digest> for Value {
    fn from(value: &Digest) -> Value {
        Value::Text(Some(value.to_string()))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Value {
        Value::Number(value)
    }
}

impl From<Option<u64>> for Value {
    fn from(value: Option<u64>) -> Value {
        Value::Number(value.map(|it| i64::try_from(it).unwrap_or(i64::MAX)))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(value: Option<Timestamp>) -> Value {
        Value::Number(value.map(|it| it.0))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Value {
        Value::Text(value.map(str::to_owned))
    }
}

impl From<Option<&Digest>> for Value {
    fn from(value: Option<&Digest>) -> Value {
        Value::Text(value.map(ToString::to_string))
    }
}
