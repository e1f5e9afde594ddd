//! The predicate: what is around the report, and that the report is in it.

use super::CosignVuln;
use crate::golden::{self, rendered_value};
use crate::json::Json;

#[test]
fn the_result_is_exactly_the_json_report() {
    for report in [golden::everything(), golden::index(), golden::clean(), golden::not_supported()] {
        let predicate = rendered_value(&CosignVuln, &report);
        assert_eq!(predicate["scanner"]["result"], rendered_value(&Json, &report));
        assert_eq!(predicate["metadata"]["scanFinishedOn"], "2026-11-21T12:00:00Z");
    }
}
