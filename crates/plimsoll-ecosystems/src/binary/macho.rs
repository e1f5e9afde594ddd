//! Mach-O's load commands (`mach-o/loader.h`).

use super::layout::{ENTRIES_MAX, Layout, Mapping, Numbers, Section};

const SEGMENT: u32 = 0x1;
const SEGMENT_64: u32 = 0x19;

pub(super) fn layout(head: &[u8]) -> Option<Layout> {
    let big_endian = head.first()? == &0xfe;
    let numbers = Numbers { bytes: head, big_endian };
    let wide = numbers.u32(0)? == 0xfeed_facf;
    let mut layout = Layout { big_endian, wide, ..Layout::default() };
    let commands = numbers.u32(16)?.min(ENTRIES_MAX as u32);
    let mut at: u64 = if wide { 32 } else { 28 };
    for _ in 0..commands {
        let (command, command_bytes) = (numbers.u32(at)?, numbers.u32(at.checked_add(4)?)?);
        if command == SEGMENT || command == SEGMENT_64 {
            segment(&mut layout, numbers, at, command == SEGMENT_64)?;
        }
        if command_bytes < 8 {
            return None;
        }
        at = at.checked_add(command_bytes.into())?;
    }
    Some(layout)
}

fn segment(layout: &mut Layout, numbers: Numbers<'_>, at: u64, wide: bool) -> Option<()> {
    let word = if wide { 8 } else { 4 };
    let addresses = at.checked_add(24)?;
    layout.mappings.push(Mapping {
        address: numbers.address(addresses, wide)?,
        file_offset: numbers.address(addresses.checked_add(2 * word)?, wide)?,
        file_bytes: numbers.address(addresses.checked_add(3 * word)?, wide)?,
    });
    let sections = numbers.u32(addresses.checked_add(4 * word + 8)?)?.min(ENTRIES_MAX as u32);
    let mut section = addresses.checked_add(4 * word + 16)?;
    for _ in 0..sections {
        if layout.sections.len() >= ENTRIES_MAX {
            return None;
        }
        let start = usize::try_from(section).ok()?;
        let name = numbers.bytes.get(start..start.checked_add(16)?)?;
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        let size = numbers.address(section.checked_add(32 + word)?, wide)?;
        let offset = u64::from(numbers.u32(section.checked_add(32 + 2 * word)?)?);
        layout.sections.push(Section { name, file: offset..offset.saturating_add(size) });
        section = section.checked_add(if wide { 80 } else { 68 })?;
    }
    Some(())
}
