//! Verdicts and their history.

use super::*;

const APP: (&str, &str) = ("team", "app");

#[test]
fn only_changes_of_a_verdict_are_written_and_the_newest_holds() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let first = t.push(APP, "1", "image", &["layer"]).await.artifact;
        let second = t.push(APP, "2", "other", &["layer"]).await.artifact;
        let system = t.authoriser.system();
        let policy = digest("policy");
        let record = async |artifact, answer, reasons: &str, at| {
            let new = NewVerdict {
                answer,
                reasons,
                policy: &policy,
                report: None,
                lowered: None,
                holds_until: Some(later(at)),
                is_silent: false,
            };
            t.store.record_verdict(&system, artifact, &new, later(at)).await.unwrap()
        };
        let overtaken = NewVerdict {
            answer: Answer::Allow,
            reasons: "[]",
            policy: &policy,
            report: Some(&policy),
            lowered: None,
            holds_until: None,
            is_silent: false,
        };
        let recorded = t.store.record_verdict(&system, first, &overtaken, NOW).await.unwrap();
        assert_eq!(recorded, Recorded::Overtaken, "the report is not the newest");
        let silent = NewVerdict { report: None, is_silent: true, ..overtaken };
        assert_eq!(t.store.record_verdict(&system, first, &silent, NOW).await.unwrap(), Recorded::Same);
        assert_eq!(record(first, Answer::Deny, "[1]", 0).await, Recorded::Changed);
        assert_eq!(record(first, Answer::Deny, "[1]", 1).await, Recorded::Same);
        assert_eq!(record(first, Answer::Deny, "[1,2]", 2).await, Recorded::Changed);
        assert_eq!(record(first, Answer::Allow, "[]", 3).await, Recorded::Changed);
        assert_eq!(record(second, Answer::Warn, "[]", 4).await, Recorded::Changed);
        assert_eq!(record(ArtifactId::from_number(9999), Answer::Warn, "[]", 4).await, Recorded::Overtaken);
        let pull = t.access::<Pull>("team").await;
        let history = t.store.verdicts(&pull, first, None, 10).await.unwrap();
        let times: Vec<_> = history.iter().map(|it| it.decided_at.0 - NOW.0).collect();
        assert_eq!(times, [3, 2, 0]);
        // What was said again at 1 holds until another time, and is no other verdict.
        assert_eq!(history[2].holds_until, Some(later(1)));
        let older = t.store.verdicts(&pull, first, Some(history[0].number), 10).await.unwrap();
        assert_eq!(older, history[1..]);
        let standing = t.store.standing_verdicts(&system, None, 10).await.unwrap();
        let answers: Vec<_> = standing.iter().map(|it| (it.artifact, it.answer)).collect();
        assert_eq!(answers, [(first, Answer::Allow), (second, Answer::Warn)]);
        let rest = t.store.standing_verdicts(&system, Some(first), 10).await.unwrap();
        assert_eq!(rest, standing[1..]);
        let number = history[1].number;
        let since = t.store.verdicts_since(&system, number, 10).await.unwrap();
        let since: Vec<_> = since.iter().map(|it| (it.artifact, it.answer)).collect();
        assert_eq!(since, [(first, Answer::Allow), (second, Answer::Warn)]);
        let elsewhere = system_pull_elsewhere(t);
        assert_eq!(t.store.verdicts(&elsewhere, first, None, 10).await.unwrap(), []);
    });
}

fn system_pull_elsewhere(t: &Fixture) -> Access<Pull> {
    t.authoriser.system().within(NamespaceId::from_number(9999))
}
