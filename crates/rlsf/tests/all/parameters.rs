//! The parameter sets that every general test runs with.

/// Makes a test of each generic function for each set of parameters.
macro_rules! for_every_parameter_set {
    ($($function:ident),* $(,)?) => {$(
        mod $function {
            use super::$function as check;

            #[test] fn u8_1_u8_1() { check::<u8, u8, 1, 1>(); }
            #[test] fn u8_1_u8_2() { check::<u8, u8, 1, 2>(); }
            #[test] fn u8_1_u8_8() { check::<u8, u8, 1, 8>(); }
            #[test] fn u8_3_u8_4() { check::<u8, u8, 3, 4>(); }
            #[test] fn i8_5_i8_8() { check::<i8, i8, 5, 8>(); }
            #[test] fn u8_8_u8_8() { check::<u8, u8, 8, 8>(); }
            #[test] fn i16_11_i32_4() { check::<i16, i32, 11, 4>(); }
            #[test] fn u16_12_u16_16() { check::<u16, u16, 12, 16>(); }
            #[test] fn u32_20_u32_32() { check::<u32, u32, 20, 32>(); }
            #[test] fn u32_27_u32_32() { check::<u32, u32, 27, 32>(); }
            #[test] fn u32_28_u32_32() { check::<u32, u32, 28, 32>(); }
            #[test] fn u32_32_u32_32() { check::<u32, u32, 32, 32>(); }
            #[test] fn i64_30_i128_128() { check::<i64, i128, 30, 128>(); }
            #[test] fn u64_58_u8_8() { check::<u64, u8, 58, 8>(); }
            #[test] fn u64_64_u8_8() { check::<u64, u8, 64, 8>(); }
            #[test] fn usize_usize() {
                check::<usize, usize, { usize::BITS as usize }, { usize::BITS as usize }>();
            }
            #[test] fn u128_100_isize_32() { check::<u128, isize, 100, 32>(); }
        }
    )*};
}

pub(crate) use for_every_parameter_set;
