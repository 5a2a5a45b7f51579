import Foundation
import Metering
import Support
import Testing

@testable import Harnesses

/// What must never leave the core.
struct PrivacyTests {
    private let canary = PrivacyCanary.text

    private func expectNoCanary(_ result: IntakeResult, _ path: String) {
        for event in result.events {
            #expect(!String(decoding: event.json, as: UTF8.self).contains(canary), "\(path)")
        }
    }

    /// An input with the canary wherever text is not kept.
    private func salted(_ input: FixtureInput) throws -> [UInt8] {
        Array(try PrivacyCanary.salted(Data(try Fixture.bytes(input.path)), hasLines: input.hasLines))
    }

    @Test func `no text but the allowed leaves any input of any harness`() throws {
        var harnesses: Set<Harness> = []
        for input in try FixtureInput.all() where !input.path.hasSuffix(".pb") {
            var text = try salted(input)
            let plain = try input.read()
            var result: IntakeResult
            if input.isSessionFile {
                if input.hasLines { text += Array("\n{\"broken\":\"\(canary)".utf8) }
                result = try Intake.forTests.readTranscript(
                    text, of: input.harness, file: "/home/\(canary)/" + input.path, receivedTime: Intake.noon)
            } else {
                result = try input.read(text)
            }
            expectNoCanary(result, input.path)
            // What is salted is read all the same: the canary was where content is.
            #expect(result.observations.count == plain.observations.count, "\(input)")
            if !result.observations.isEmpty { harnesses.insert(input.harness) }
        }
        #expect(harnesses.isSuperset(of: HarnessCatalog.forTests.readers.compactMap(\.harness)))
    }

    @Test func `errors and rejections tell no content`() throws {
        let body = OTLPBody.log([("output_tokens", OTLPBody.text(canary))])
        let result = try Intake.forTests.read(body, .logs)
        #expect(result.rejectedCount == 1)
        expectNoCanary(result, "rejected")
        #expect(!result.rejectionSummary.contains(canary))
        do {
            _ = try Intake.forTests.read("{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\(canary)", .logs)
            Issue.record("the body is not JSON")
        } catch {
            #expect(!"\(error)".contains(canary))
        }
    }

    @Test func `users are dropped, hashed with a key, or kept`() throws {
        let body = Array(
            OTLPBody.log([("user.email", OTLPBody.text("dev@example.com")), ("output_tokens", OTLPBody.int("1"))]).utf8)
        func user(_ policy: IdentityPolicy) throws -> String? {
            try Intake(identityPolicy: policy).read(body, .logs).observations.first?.attribution.user
        }
        #expect(try user(.drop) == nil)
        #expect(try user(.keep) == "dev@example.com")
        let pseudonym = try #require(try user(.pseudonym(key: [1, 2, 3])))
        #expect(pseudonym.hasPrefix("user-") && !pseudonym.contains("dev"))
        #expect(try user(.pseudonym(key: [1, 2, 3])) == pseudonym)
        #expect(try user(.pseudonym(key: [1, 2, 4])) != pseudonym)
    }

    @Test func `a repository's address loses its password`() throws {
        let address = OTLPBody.text("https://me:\(canary)@git.example.com/team/app.git")
        let body = OTLPBody.log(
            resource: [("vcs.repository.url.full", address)], [("output_tokens", OTLPBody.int("1"))])
        let repository = try Intake.forTests.read(body, .logs).observations.first?.attribution.repository
        #expect(repository == "https://git.example.com/team/app.git")
    }
}
