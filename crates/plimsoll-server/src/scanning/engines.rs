//! The engines that judge images: a table, of which each namespace names one row.
//!
//! Today there is one, ours. Never guesses: an id that is not in the table is nobody's.

/// What judges images.
#[derive(Debug, PartialEq, Eq)]
pub struct Engine {
    /// By which settings, results and the interface name it.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub what: &'static str,
}

/// The engine of this program: what a namespace has that names no other.
pub static OURS: Engine = Engine {
    id: "plimsoll",
    name: "Plimsoll",
    what: "The scanner in this server: it reads packages out of images and asks this instance's own vulnerability \
           database about them.",
};

/// Every engine, in the order of the manual.
pub static ENGINES: &[&Engine] = &[&OURS];

/// The engine of an id; of one that is not known, what is.
pub fn engine(id: &str) -> Result<&'static Engine, String> {
    ENGINES.iter().copied().find(|it| it.id == id).ok_or_else(|| {
        let known: Vec<&str> = ENGINES.iter().map(|it| it.id).collect();
        format!("there is no engine `{id}`; known are {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_one_engine_and_another_names_none() {
        for row in ENGINES {
            assert_eq!(engine(row.id), Ok(*row));
            assert!(row.what.ends_with('.') && !row.name.is_empty());
        }
        assert_eq!(engine("Plimsoll"), Err("there is no engine `Plimsoll`; known are plimsoll".to_owned()));
    }
}
