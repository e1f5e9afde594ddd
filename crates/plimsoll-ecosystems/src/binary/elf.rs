//! ELF's header and program headers (System V ABI, chapters 4 and 5).

use super::layout::{ENTRIES_MAX, Layout, Mapping, Numbers, SectionTable};

const LOAD: u32 = 1;
const NOTE: u32 = 4;

/// Notes of one program that are read.
const NOTES_MAX: usize = 16;

/// Whether it is a program or a shared library, and not an object file or a core.
pub(super) fn is_program(head: &[u8]) -> bool {
    let numbers = Numbers { bytes: head, big_endian: head.get(5) == Some(&2) };
    matches!(numbers.u16(16), Some(2 | 3))
}

pub(super) fn layout(head: &[u8]) -> Option<Layout> {
    let wide = match head.get(4)? {
        1 => false,
        2 => true,
        _ => return None,
    };
    let numbers = Numbers { bytes: head, big_endian: *head.get(5)? == 2 };
    let mut layout = Layout { big_endian: numbers.big_endian, wide, ..Layout::default() };
    let (table, section_table) = match wide {
        true => (numbers.u64(32)?, numbers.u64(40)?),
        false => (numbers.u32(28)?.into(), numbers.u32(32)?.into()),
    };
    let counts = if wide { 54 } else { 42 };
    let entry_bytes = u64::from(numbers.u16(counts)?);
    let entries = numbers.u16(counts + 2)?;
    layout.section_table = Some(SectionTable {
        file_offset: section_table,
        entry_bytes: numbers.u16(counts + 4)?.into(),
        entries: numbers.u16(counts + 6)?.into(),
    });
    for entry in 0..u64::from(entries).min(ENTRIES_MAX as u64) {
        program_header(&mut layout, numbers, table.checked_add(entry * entry_bytes)?)?;
    }
    Some(layout)
}

fn program_header(layout: &mut Layout, numbers: Numbers<'_>, at: u64) -> Option<()> {
    let kind = numbers.u32(at)?;
    if kind != LOAD && kind != NOTE {
        return Some(());
    }
    let (offset, address, file_bytes) = match layout.wide {
        true => (
            numbers.u64(at.checked_add(8)?)?,
            numbers.u64(at.checked_add(16)?)?,
            numbers.u64(at.checked_add(32)?)?,
        ),
        false => (
            numbers.u32(at.checked_add(4)?)?.into(),
            numbers.u32(at.checked_add(8)?)?.into(),
            numbers.u32(at.checked_add(16)?)?.into(),
        ),
    };
    if kind == LOAD {
        layout.mappings.push(Mapping { address, file_offset: offset, file_bytes });
    } else if layout.notes.len() < NOTES_MAX {
        layout.notes.push(offset..offset.saturating_add(file_bytes));
    }
    Some(())
}
