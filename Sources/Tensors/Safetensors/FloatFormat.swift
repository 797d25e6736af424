/// The formats in which a float tensor is stored, and the conversions to and from `Float`.
///
/// Written on bit patterns and without branches, so that the loops vectorise with the baseline
/// instruction set; the hardware's half-precision conversions would need compiler flags.
public enum FloatFormat: String, CaseIterable, Sendable {
    /// IEEE 754 single precision, 4 bytes.
    case f32 = "F32"
    /// IEEE 754 half precision, 2 bytes; magnitudes above 65,504 become infinite.
    case f16 = "F16"
    /// The upper half of a single, 2 bytes.
    case bf16 = "BF16"

    init?(_ type: SafetensorsFile.ElementType) {
        self.init(rawValue: type.rawValue)
    }

    /// The size of one element, in bytes.
    package var byteWidth: Int { self == .f32 ? 4 : 2 }

    /// Converts `count` stored elements, which may be unaligned.
    func decode(_ source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>, count: Int) {
        switch self {
        case .f32:
            for index in 0..<count {
                let bits = source.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self)
                target[index] = Float(bitPattern: UInt32(littleEndian: bits))
            }
        case .f16:
            for index in 0..<count {
                let bits = source.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
                target[index] = Self.float(half: UInt16(littleEndian: bits))
            }
        case .bf16:
            for index in 0..<count {
                let bits = source.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
                target[index] = Self.float(brain: UInt16(littleEndian: bits))
            }
        }
    }

    /// Converts `count` floats to stored elements, rounding to nearest, ties to even.
    func encode(_ source: UnsafePointer<Float>, into target: UnsafeMutableRawPointer, count: Int) {
        switch self {
        case .f32:
            for index in 0..<count {
                target.storeBytes(
                    of: source[index].bitPattern.littleEndian, toByteOffset: index &* 4,
                    as: UInt32.self)
            }
        case .f16:
            for index in 0..<count {
                target.storeBytes(
                    of: Self.half(source[index]).littleEndian, toByteOffset: index &* 2,
                    as: UInt16.self)
            }
        case .bf16:
            for index in 0..<count {
                target.storeBytes(
                    of: Self.brain(source[index]).littleEndian, toByteOffset: index &* 2,
                    as: UInt16.self)
            }
        }
    }

    /// The value of bfloat16 `bits`, exact.
    @inline(__always)
    package static func float(brain bits: UInt16) -> Float {
        Float(bitPattern: UInt32(bits) &<< 16)
    }

    /// `value` as bfloat16: rounded to nearest even; NaN stays NaN, made quiet.
    @inline(__always)
    package static func brain(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let rounded = (bits &+ 0x7FFF &+ (bits &>> 16 & 1)) &>> 16
        // Rounding could carry a NaN's mantissa into the sign.
        let quiet = bits &>> 16 | 0x40
        let isNaN = bits & 0x7FFF_FFFF > 0x7F80_0000
        return UInt16(truncatingIfNeeded: isNaN ? quiet : rounded)
    }

    /// The value of IEEE half `bits`, exact, subnormals included.
    @inline(__always)
    package static func float(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) &<< 16
        // Exponent and mantissa in a single's places; the exponent biases differ by 112.
        let shifted = UInt32(bits & 0x7FFF) &<< 13
        let normal = shifted &+ 112 &<< 23
        let special = shifted &+ 224 &<< 23
        // 2⁻¹⁴ · (1 + m/1024) − 2⁻¹⁴: exact, and sound when subnormals are flushed to zero.
        let smallestNormal: UInt32 = 113 &<< 23
        let subnormal =
            (Float(bitPattern: shifted | smallestNormal) - Float(bitPattern: smallestNormal))
            .bitPattern
        let exponent = shifted & (0x1F &<< 23)
        let magnitude =
            exponent == 0 ? subnormal : exponent == 0x1F &<< 23 ? special : normal
        return Float(bitPattern: sign | magnitude)
    }

    /// `value` as IEEE half: rounded to nearest even; NaN stays NaN, made quiet.
    @inline(__always)
    package static func half(_ value: Float) -> UInt16 {
        let sign = value.bitPattern &>> 16 & 0x8000
        let bits = value.bitPattern & 0x7FFF_FFFF
        // A mantissa that rounds up carries into the exponent, up to infinity.
        let normal = (bits &- 112 &<< 23 &+ 0xFFF &+ (bits &>> 13 & 1)) &>> 13
        // Beside 0.5 a single's last place is 2⁻²⁴, a half's smallest step: the adder rounds.
        let subnormal = (Float(bitPattern: bits) + 0.5).bitPattern &- Float(0.5).bitPattern
        let quiet = 0x7E00 | bits &>> 13 & 0x3FF
        let isNaN = bits > 0x7F80_0000
        let isInfinite = bits >= 143 &<< 23
        let isSubnormal = bits < 113 &<< 23
        let magnitude =
            isNaN ? quiet : isInfinite ? 0x7C00 : isSubnormal ? subnormal : normal
        return UInt16(truncatingIfNeeded: sign | magnitude)
    }
}
