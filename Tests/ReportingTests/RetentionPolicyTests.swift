import Metering
import Testing

@testable import Reporting

@Suite struct `A retention policy` {
    @Test(
        arguments: [
            ("", nil, nil, nil), ("0", nil, nil, nil), ("400", 400, 400, 400), ("400,acme=90", 400, 90, 400),
            ("acme=90", nil, 90, nil), ("400, acme=0", 400, nil, 400), ("b=c=7,30", 30, 30, 7),
        ] as [(String, Int64?, Int64?, Int64?)])
    func `says days for every tenant`(text: String, other: Int64?, acme: Int64?, comma: Int64?) throws {
        let policy = try RetentionPolicy(text)
        #expect([policy.days(of: "x"), policy.days(of: "acme"), policy.days(of: "b=c")] == [other, acme, comma])
        #expect(try RetentionPolicy(policy.identity) == policy)
    }

    @Test(arguments: ["-1", "1.5", "days", "1,2", "acme=", "=3", "acme=1,acme=2", "40000", "1,,2"])
    func `is refused where it says nothing`(text: String) {
        #expect(throws: RetentionPolicyError.self) { try RetentionPolicy(text) }
    }

    @Test func `takes what is older than its tenant's span, and stops at what is young`() throws {
        let now = Timestamp(seconds: 1_800_000_000)
        let passes = try RetentionPolicy("400,acme=90,lab=0").passes(at: now)
        #expect(passes.map(\.days) == [400, 90])
        let day: Int64 = 86_400
        let (long, short) = (try #require(passes.first), try #require(passes.last))
        let ages: [(Int64, [RetentionPass.Verdict])] = [
            (500, [.remove, .keep, .keep, .keep, .remove, .keep]), (100, [.stop, .stop, .stop, .keep, .remove, .keep]),
            (90, [.stop, .stop, .stop, .stop, .stop, .stop]),
        ]
        for (age, expected) in ages {
            let recorded = Timestamp(seconds: now.seconds - age * day)
            let verdicts = [long, short].flatMap { pass in
                ["other", "acme", "lab"].map { pass.verdict(tenant: $0, recorded: recorded) }
            }
            #expect(verdicts == expected, "\(age) days")
        }
        #expect(long.verdict(tenant: nil, recorded: nil) == .keep)
        #expect(RetentionPolicy.forever.passes(at: now).isEmpty)
    }
}
