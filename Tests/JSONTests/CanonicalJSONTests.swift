import Foundation
import JSON
import Randomness
import Testing

@Suite struct CanonicalJSONTests {
    private func canonical(_ text: String) throws -> String {
        String(
            decoding: canonicalJSON(try JSONValue(json: Array(text.utf8), file: "test")),
            as: UTF8.self)
    }

    /// Each with the text that RFC 8785, appendix B, prints for the bits.
    @Test(arguments: [
        (0x0000_0000_0000_0000 as UInt64, "0"), (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"), (0x8000_0000_0000_0001, "-5e-324"),
        (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xC340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"),
        (0x44B5_2D02_C7E1_4AF6, "1e+23"), (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"),
        (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
        (0x444B_1AE4_D6E2_EF50, "1e+21"), (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"),
        (0x3EB0_C6F7_A0B5_ED8D, "0.000001"), (0x41B3_DE43_5555_5557, "333333333.33333343"),
        (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
        (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
    ])
    func numbersArePrintedAsECMAScriptDoes(_ bits: UInt64, _ text: String) {
        #expect(ecmaScriptText(Double(bitPattern: bits)) == text)
    }

    @Test func everyPrintedNumberReadsBack() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            #expect(Double(ecmaScriptText(number)) == number)
        }
    }

    @Test func membersAreSortedByTheirCodeUnits() throws {
        // U+1F600 is above U+FB33 as a scalar, and below it by its first code unit.
        let text = #"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#
        #expect(
            try canonical(text)
                == "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{F6}\":7,\"\u{20AC}\":1,"
                + "\"\u{1F600}\":5,\"\u{FB33}\":3}")
    }

    @Test func textsAreEscapedAsLittleAsPossible() throws {
        #expect(
            try canonical(#" [ "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/" , true,null ] "#)
                == #"["€$\u000f\nA'B\"\\\\\"/",true,null]"#)
    }
}
