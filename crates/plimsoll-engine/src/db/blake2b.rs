//! BLAKE2b without a key (RFC 7693): the digest over which minisign signs, unless it is asked for
//! its older form. Nothing else uses it.
//!
//! Not for large inputs: what is signed here has some kilobytes.

const BLOCK_BYTES: usize = 128;
/// The initial state (RFC 7693, 2.6), that of SHA-512.
const INITIAL: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];
/// The order of message words in each round (RFC 7693, 2.7); rounds 10 and 11 repeat 0 and 1.
const ORDER: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/// The words that each of a round's eight mixings takes.
const LANES: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

/// The digest of some bytes; `LENGTH` is at most 64.
pub(super) fn blake2b<const LENGTH: usize>(input: &[u8]) -> [u8; LENGTH] {
    let mut state = INITIAL;
    state[0] ^= 0x0101_0000 ^ LENGTH as u64;
    // The last block is compressed otherwise than the ones before; nothing is one block of zeros.
    let whole = input.len().saturating_sub(1) / BLOCK_BYTES;
    for at in 0..=whole {
        let end = input.len().min((at + 1) * BLOCK_BYTES);
        let mut block = [0; BLOCK_BYTES];
        block[..end - at * BLOCK_BYTES].copy_from_slice(&input[at * BLOCK_BYTES..end]);
        compress(&mut state, &block, end as u128, at == whole);
    }
    let mut out = [0; LENGTH];
    for (out, byte) in out.iter_mut().zip(state.iter().flat_map(|word| word.to_le_bytes())) {
        *out = byte;
    }
    out
}

fn compress(state: &mut [u64; 8], block: &[u8; BLOCK_BYTES], count_bytes: u128, is_last: bool) {
    let mut message = [0; 16];
    for (word, bytes) in message.iter_mut().zip(block.chunks_exact(8)) {
        *word = u64::from_le_bytes(bytes.try_into().expect("a chunk has eight bytes"));
    }
    let mut work = [0; 16];
    work[..8].copy_from_slice(state);
    work[8..].copy_from_slice(&INITIAL);
    work[12] ^= count_bytes as u64;
    work[13] ^= (count_bytes >> 64) as u64;
    if is_last {
        work[14] = !work[14];
    }
    for round in 0..12 {
        let order = &ORDER[round % 10];
        for (lane, words) in LANES.iter().zip(order.chunks_exact(2)) {
            mix(&mut work, *lane, message[words[0]], message[words[1]]);
        }
    }
    for (at, word) in state.iter_mut().enumerate() {
        *word ^= work[at] ^ work[at + 8];
    }
}

fn mix(work: &mut [u64; 16], [a, b, c, d]: [usize; 4], first: u64, second: u64) {
    for (word, turn_d, turn_b) in [(first, 32, 24), (second, 16, 63)] {
        work[a] = work[a].wrapping_add(work[b]).wrapping_add(word);
        work[d] = (work[d] ^ work[a]).rotate_right(turn_d);
        work[c] = work[c].wrapping_add(work[d]);
        work[b] = (work[b] ^ work[c]).rotate_right(turn_b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_those_of_the_specification_and_of_other_implementations() {
        assert_eq!(
            hex(&blake2b::<32>(b"abc")),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
        );
        assert_eq!(
            hex(&blake2b::<32>(b"")),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
        );
        assert_eq!(
            hex(&blake2b::<32>(&[7; 128])),
            "332f1f712b03a6a6f6c28db7d96c62f170744119ab0f831b9e0d80f800e3aad7"
        );
        assert_eq!(
            hex(&blake2b::<32>(&[7; 129])),
            "a04de7247309966b2b2afc367838071ea523f897e6a405286f2b5627032a8dea"
        );
        assert_eq!(
            hex(&blake2b::<32>(&[7; 1000])),
            "46514f71bd0672bb5c7c33206b4e91c653e97723aab6d5b78a4750bf11920f76"
        );
        // RFC 7693, appendix A.
        assert!(hex(&blake2b::<64>(b"abc")).starts_with("ba80a53f981c4d0d6a2797b69f12f6e9"));
        assert!(hex(&blake2b::<64>(b"abc")).ends_with("18d38aa8dbf1925ab92386edd4009923"));
    }
}
