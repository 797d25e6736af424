extension SafetensorsFile {
    /// What a tensor's elements are; the raw value is the name that stands in the file.
    ///
    /// The list is the format's own. Types outside ``SafetensorsFile/readFloats(_:shape:into:)``
    /// are known so that files that hold them still open.
    package enum ElementType: String, CaseIterable, Sendable {
        /// IEEE 754 double precision.
        case f64 = "F64"
        /// IEEE 754 single precision.
        case f32 = "F32"
        /// IEEE 754 half precision: 5 exponent bits, 10 mantissa bits.
        case f16 = "F16"
        /// The upper half of a single: 8 exponent bits, 7 mantissa bits.
        case bf16 = "BF16"
        /// Signed 64-bit integers.
        case i64 = "I64"
        /// Signed 32-bit integers.
        case i32 = "I32"
        /// Signed 16-bit integers.
        case i16 = "I16"
        /// Signed bytes.
        case i8 = "I8"
        /// Unsigned 64-bit integers.
        case u64 = "U64"
        /// Unsigned 32-bit integers.
        case u32 = "U32"
        /// Unsigned 16-bit integers.
        case u16 = "U16"
        /// Unsigned bytes.
        case u8 = "U8"
        /// Truth values, a byte each.
        case bool = "BOOL"
        /// Complex numbers of two singles.
        case c64 = "C64"
        /// 8-bit floats, 5 exponent bits, 2 mantissa bits.
        case f8e5m2 = "F8_E5M2"
        /// 8-bit floats, 4 exponent bits, 3 mantissa bits.
        case f8e4m3 = "F8_E4M3"
        /// 8-bit scale factors: exponent bits only.
        case f8e8m0 = "F8_E8M0"
        /// ``f8e4m3`` without infinities or a negative zero.
        case f8e4m3fnuz = "F8_E4M3FNUZ"
        /// ``f8e5m2`` without infinities or a negative zero.
        case f8e5m2fnuz = "F8_E5M2FNUZ"
        /// 6-bit floats, 2 exponent bits, 3 mantissa bits, packed.
        case f6e2m3 = "F6_E2M3"
        /// 6-bit floats, 3 exponent bits, 2 mantissa bits, packed.
        case f6e3m2 = "F6_E3M2"
        /// 4-bit floats, packed two to a byte.
        case f4 = "F4"

        /// The width of one element, in bits.
        package var bitWidth: Int {
            switch self {
            case .f64, .i64, .u64, .c64: 64
            case .f32, .i32, .u32: 32
            case .f16, .bf16, .i16, .u16: 16
            case .i8, .u8, .bool, .f8e5m2, .f8e4m3, .f8e8m0, .f8e4m3fnuz, .f8e5m2fnuz: 8
            case .f6e2m3, .f6e3m2: 6
            case .f4: 4
            }
        }
    }

    /// One tensor of a file: its name, type, shape and place.
    package struct Entry: Sendable, Equatable {
        /// The name under which the tensor was saved, such as `encoder.layer.0.output.dense.bias`.
        package let name: String
        /// The type of the elements in the file.
        package let type: ElementType
        /// The dimensions, slowest first; empty for a scalar.
        package let shape: [Int]
        /// The tensor's bytes, counted from the start of the file; may be unaligned.
        package let byteRange: Range<Int>

        /// The product of the dimensions: 1 for a scalar.
        package var elementCount: Int { shape.reduce(1, *) }
    }
}
