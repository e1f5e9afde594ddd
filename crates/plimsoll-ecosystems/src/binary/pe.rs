//! PE's headers and section table (Microsoft's "PE Format").

use super::layout::{ENTRIES_MAX, Layout, Mapping, Numbers, Section};

/// Bytes of one entry of the section table.
const ENTRY_BYTES: u64 = 40;

pub(super) fn layout(head: &[u8]) -> Option<Layout> {
    let numbers = Numbers { bytes: head, big_endian: false };
    let signature = u64::from(numbers.u32(0x3c)?);
    let coff = signature.checked_add(4)?;
    if numbers.u32(signature)? != u32::from_le_bytes(*b"PE\0\0") {
        return None;
    }
    let optional = coff.checked_add(20)?;
    let wide = match numbers.u16(optional)? {
        0x10b => false,
        0x20b => true,
        _ => return None,
    };
    let base = match wide {
        true => numbers.u64(optional.checked_add(24)?)?,
        false => numbers.u32(optional.checked_add(28)?)?.into(),
    };
    let table = optional.checked_add(numbers.u16(coff.checked_add(16)?)?.into())?;
    let mut layout = Layout { wide, ..Layout::default() };
    let entries = u64::from(numbers.u16(coff.checked_add(2)?)?).min(ENTRIES_MAX as u64);
    for entry in 0..entries {
        section(&mut layout, numbers, base, table.checked_add(entry * ENTRY_BYTES)?)?;
    }
    Some(layout)
}

fn section(layout: &mut Layout, numbers: Numbers<'_>, base: u64, at: u64) -> Option<()> {
    let start = usize::try_from(at).ok()?;
    let name = numbers.bytes.get(start..start.checked_add(8)?)?;
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let virtual_bytes = u64::from(numbers.u32(at.checked_add(8)?)?);
    let address = base.checked_add(numbers.u32(at.checked_add(12)?)?.into())?;
    let raw_bytes = u64::from(numbers.u32(at.checked_add(16)?)?);
    let offset = u64::from(numbers.u32(at.checked_add(20)?)?);
    // What is in the file is padded; what is in memory is not.
    let used_bytes = if virtual_bytes == 0 { raw_bytes } else { raw_bytes.min(virtual_bytes) };
    layout.mappings.push(Mapping { address, file_offset: offset, file_bytes: raw_bytes });
    layout.sections.push(Section { name: name.to_vec(), file: offset..offset.saturating_add(used_bytes) });
    Some(())
}
