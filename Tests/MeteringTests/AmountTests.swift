import Metering
import Testing

@Suite struct `An amount` {
    @Test(
        arguments: [
            ("0", 0), ("0.0091772", 9_177_200_000), ("1e-05", 10_000_000), ("1E-12", 1), ("-0.5", -500_000_000_000),
            ("1.096", 1_096_000_000_000), ("+2", 2_000_000_000_000), (".5", 500_000_000_000), ("5.", 5_000_000_000_000),
            ("9223372.036854775807", Int64.max), ("0.0000000000005", 0), ("0.0000000000015", 2), ("0.0000000000025", 2),
            ("0.00000000000250000000000000000000000000000000000001", 3), ("12345e-10", 1_234_500), ("0e999", 0),
            ("0.1788000000000000000000000000000000000000000000000000000000000000", 178_800_000_000),
        ] as [(String, Int64)])
    func `reads decimal text exactly, rounding half to even past twelve digits`(text: String, picodollars: Int64) {
        #expect(Amount(dollars: text)?.picodollars == picodollars)
    }

    @Test(arguments: [
        "", " 1", "1 ", "abc", "NaN", "inf", "-inf", "1.2.3", "1e", "1e+", "0x10", "1,5", "9223372.036854775808",
        "1e300", "1e99999999999999999999", "true", "-", ".", "١",
    ])
    func `refuses what is not a finite decimal in range`(text: String) {
        #expect(Amount(dollars: text) == nil)
    }

    @Test(
        arguments: [
            (9_177_200_000, "0.0091772"), (1, "0.000000000001"), (-1, "-0.000000000001"), (0, "0"),
            (2_000_000_000_000, "2"), (Int64.max, "9223372.036854775807"), (Int64.min, "-9223372.036854775808"),
        ] as [(Int64, String)])
    func `writes the exact decimal`(picodollars: Int64, text: String) {
        let amount = Amount(picodollars: picodollars)
        #expect(amount.description == text)
        #expect(Amount(dollars: text) == amount)
    }

    @Test(arguments: [
        ("0.5241925", 6, "0.524192"), ("0.524193500001", 6, "0.524194"), ("0.5", 0, "0"), ("1.5", 0, "2"),
        ("2.5", 0, "2"), ("-0.125", 2, "-0.12"), ("0.999999", 2, "1.00"), ("0", 2, "0.00"), ("-0.001", 2, "0.00"),
    ])
    func `is rounded once, half to even, for display`(text: String, digits: Int, expected: String) throws {
        let amount = try #require(Amount(dollars: text))
        #expect(amount.rounded(toDigits: digits) == expected)
    }

    @Test func `sums without loss in any order`() {
        var total = AmountTotal.zero
        for _ in 0..<10 { total += Amount(picodollars: .max) }
        for _ in 0..<10 { total -= Amount(picodollars: .max) }
        #expect(total == .zero)
        total += Amount(picodollars: .max)
        total += Amount(picodollars: .max)
        #expect(total.description == "18446744.073709551614")
        #expect(AmountTotal(dollars: total.description) == total)
    }
}
