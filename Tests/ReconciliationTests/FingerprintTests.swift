import Metering
import Reconciliation
import Testing

@Suite struct FingerprintTests {
    /// The results were made with OpenSSL (`openssl mac -macopt size:16 siphash`), key and text counting up from zero.
    @Test(arguments: [
        (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
        (15, "5493e99933b0a8117e08ec0f97cfc3d9"), (64, "1eaf077dc0d4cd3f8cad4d383658a74b"),
    ])
    func `is SipHash with 128 bits`(length: Int, expected: String) {
        let key = ContentID(high: 0x0706_0504_0302_0100, low: 0x0f0e_0d0c_0b0a_0908)
        #expect(Fingerprint(key: key)((0..<length).map(UInt8.init)).description == expected)
    }

    @Test func `an aggregate's key depends on nothing but what it stands for`() {
        let scope = Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s1")
        let group = ContentID(high: 1, low: 2)
        let bucket = Bucket(scope: scope, group: group, end: Timestamp(seconds: 7199))
        #expect(bucket == Bucket(scope: scope, group: group, hour: 1))
        #expect(bucket.key.rawValue.hasPrefix("claude-code:agg:"))
        #expect(bucket.key.kind == .aggregate)
        var others = [bucket.key]
        others.append(Bucket(scope: scope, group: group, hour: 2).key)
        others.append(Bucket(scope: scope, group: ContentID(high: 1, low: 3), hour: 1).key)
        for change in [\Scope.tenant, \Scope.session] {
            var other = scope
            other[keyPath: change] += "x"
            others.append(Bucket(scope: other, group: group, hour: 1).key)
        }
        var unknown = scope
        unknown.isSessionKnown = false
        others.append(Bucket(scope: unknown, group: group, hour: 1).key)
        #expect(Set(others).count == 6)
    }

    @Test func `hours before 1970 are rounded down too`() {
        let scope = Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s1")
        let group = ContentID(high: 1, low: 2)
        #expect(Bucket(scope: scope, group: group, end: Timestamp(seconds: -1)).hour == -1)
        #expect(Bucket(scope: scope, group: group, end: Timestamp(seconds: -3600)).hour == -1)
        #expect(Bucket(scope: scope, group: group, end: Timestamp(seconds: -3601)).hour == -2)
    }
}
