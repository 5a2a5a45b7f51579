import Foundation
import Testing

@testable import Settings

@Suite struct SecretFileTests {
    @Test(
        arguments: [
            (0o600, 1000, false), (0o400, 1000, false), (0o640, 1000, true), (0o604, 1000, true), (0o400, 0, false),
            (0o440, 0, false), (0o460, 0, true), (0o450, 0, true), (0o444, 0, true),
        ] as [(UInt32, UInt32, Bool)])
    func `a secret is for its owner, and root may let one group read it`(mode: UInt32, owner: UInt32, expected: Bool) {
        #expect(SecretFile.isExposed(mode: mode, owner: owner) == expected)
    }

    @Test func `links are followed to what they lead to`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-secret-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let isMade = FileManager.default.createFile(
            atPath: folder + "/secret", contents: Data(), attributes: [.posixPermissions: 0o600])
        #expect(isMade)
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/link", withDestinationPath: folder + "/secret")
        #expect(SecretFile.isExposed(folder + "/link") == false)
        #expect(SecretFile.isExposed(folder + "/missing") == nil)
        chmod(folder + "/secret", 0o644)
        #expect(SecretFile.isExposed(folder + "/link") == true)
    }
}
