import Foundation
import Settings
import Synchronization
import Testing

@testable import Access

/// Keys in their file, and what opens what.
struct KeyRingTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-keys-\(UUID().uuidString)")
    private let file: KeyFile

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        file = KeyFile(path: folder.appending(path: "keys.json").path)
    }

    private func create(
        tenant: String = "acme", scopes: Set<AccessScope> = [.ingest, .read], rate: Int = 6000
    ) throws -> KeySecret {
        let secret = KeySecret.make()
        try file.update { keys in
            keys.append(
                KeyRecord(
                    secret, tenant: tenant, scopes: scopes, created: "2026-11-21T00:00:00Z", note: nil,
                    requestsPerMinute: rate))
        }
        return secret
    }

    @Test func `a secret opens what its key allows, and says whose data it is`() throws {
        let (first, second) = (try create(), try create(tenant: "other", scopes: [.admin]))
        let ring = try KeyRing(file)
        #expect(try ring.admit(first.text, needing: .read).tenant == "acme")
        #expect(try ring.admit(second.text, needing: .admin).tenant == "other")
        #expect(throws: KeyRing.Denial.insufficient(.admin)) { try ring.admit(first.text, needing: .admin) }
        #expect(throws: KeyRing.Denial.insufficient(.read)) { try ring.admit(second.text, needing: .read) }
        #expect(throws: KeyRing.Denial.missing) { try ring.admit(nil, needing: .read) }
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `nothing but the whole secret opens anything`() throws {
        let secret = try create()
        let ring = try KeyRing(file)
        let other = KeySecret.make()
        let mixed = "tbk_\(secret.keyID)_" + other.text.suffix(64)
        for text in [
            "", "tbk", other.text, mixed, String(secret.text.dropLast()), secret.text + "0", secret.text.uppercased(),
            secret.keyID, secret.hash,
        ] {
            #expect(throws: KeyRing.Denial.invalid, "\(text.count)") { try ring.admit(text, needing: .read) }
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `the file holds no secret, and nobody but its owner may read it`() throws {
        let secret = try create()
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(!text.contains(secret.text))
        #expect(!text.contains(secret.text.suffix(64)))
        #expect(text.contains(secret.hash))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        #expect(throws: SettingsError.self) { try file.load() }
        #expect("\(secret)" == "***")
        #expect(String(reflecting: secret) == "***")
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `a key that is made or revoked counts within a second, and a broken file changes nothing`() throws {
        let now = Mutex(ContinuousClock.now)
        let first = try create()
        let ring = try KeyRing(file) { now.withLock { $0 } }
        let second = try create(tenant: "late")
        #expect(throws: KeyRing.Denial.invalid) { try ring.admit(second.text, needing: .read) }
        now.withLock { $0 += .seconds(1) }
        #expect(try ring.admit(second.text, needing: .read).tenant == "late")
        try file.update { $0[0].revoked = "2026-11-22T00:00:00Z" }
        now.withLock { $0 += .seconds(1) }
        #expect(throws: KeyRing.Denial.invalid) { try ring.admit(first.text, needing: .read) }
        try Data("nonsense".utf8).write(to: URL(filePath: file.path))
        now.withLock { $0 += .seconds(1) }
        #expect(try ring.admit(second.text, needing: .read).tenant == "late")
        #expect(throws: KeyRing.Denial.invalid) { try ring.admit(first.text, needing: .read) }
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `a key is used no more often than it may be`() throws {
        let now = Mutex(ContinuousClock.now)
        let secret = try create(rate: 60)
        let ring = try KeyRing(file) { now.withLock { $0 } }
        for _ in 0..<10 { _ = try ring.admit(secret.text, needing: .read) }
        #expect(throws: KeyRing.Denial.tooFrequent(retryAfter: 1)) { try ring.admit(secret.text, needing: .read) }
        now.withLock { $0 += .seconds(2) }
        _ = try ring.admit(secret.text, needing: .read)
        _ = try ring.admit(secret.text, needing: .read)
        #expect(throws: KeyRing.Denial.tooFrequent(retryAfter: 1)) { try ring.admit(secret.text, needing: .read) }
        try FileManager.default.removeItem(at: folder)
    }

    @Test(arguments: [
        ("acme", true), ("Müller & Söhne", true), ("", false), ("a\u{1B}[2J", false), ("a\nb", false), ("a\tb", false),
        ("a\u{85}b", false), ("a\u{2028}b", false), (String(repeating: "a", count: 128), true),
        (String(repeating: "a", count: 129), false),
    ])
    func `a tenant has a name that steers nothing`(name: String, isOne: Bool) {
        #expect(KeyRecord.isTenantName(name) == isOne)
    }

    @Test func `secrets are never the same twice`() {
        #expect(Set((0..<1000).map { _ in KeySecret.make().text }).count == 1000)
        let secret = KeySecret.make()
        #expect(KeySecret(secret.text) == secret)
    }
}
