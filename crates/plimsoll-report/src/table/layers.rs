//! Where the findings came from: the layers that have any, with their instructions.

use std::collections::BTreeMap;
use std::io;

use plimsoll_core::{LayerInfo, Report};

use super::Shown;
use super::grid::{self, Column, cell};
use super::page::{Look, Page, Span};
use crate::union::Union;

/// Prints the layers with findings; nothing where no finding has a layer, and nothing of
/// several images, which have a layer each for the same finding.
pub(super) fn print(
    page: &mut Page<'_>,
    report: &Report,
    union: &Union<'_>,
    kernel_headers: bool,
) -> io::Result<()> {
    let layers = layers(union, kernel_headers);
    if layers.is_empty() || report.images.len() > 1 {
        return Ok(());
    }
    page.heading("Where they came from")?;
    let columns = [
        Column::new("LAYER", 5, 5),
        Column::new("FINDINGS", 8, 8),
        // 5 + 2 + 8 + 2 + 20 columns fit the narrowest page.
        Column::new("INSTRUCTION", 20, 300),
    ];
    let mut rows = Vec::with_capacity(layers.len());
    for ((index, findings), info) in layers {
        let instruction = match &info.instruction {
            Some(instruction) => Span::one_line(Look::Plain, instruction),
            None => Span::new(Look::Faint, format!("not known, {}", info.diff_id.short())),
        };
        rows.push(vec![
            cell(Look::Plain, index.to_string()),
            cell(Look::Plain, findings.to_string()),
            vec![if info.from_base == Some(true) {
                vec![Span::new(Look::Faint, "base image: "), instruction]
            } else {
                vec![instruction]
            }],
        ]);
    }
    grid::print(page, 0, &columns, &rows).map(|_fits| ())
}

/// Each layer's index, its findings counted, and what is known of it; base first.
fn layers<'a>(union: &Union<'a>, kernel_headers: bool) -> Vec<((usize, usize), &'a LayerInfo)> {
    let mut layers: BTreeMap<usize, (usize, &LayerInfo)> = BTreeMap::new();
    for found in &union.findings {
        let headers = kernel_headers && Shown::KernelHeaders.includes(found.finding);
        let shown = headers || Shown::Counted.includes(found.finding);
        if let Some(layer) = union.package_of(found).layer.filter(|_| shown) {
            layers.entry(layer.index).or_insert((0, layer.info)).0 += 1;
        }
    }
    layers.into_iter().map(|(index, (findings, info))| ((index, findings), info)).collect()
}
