import Foundation
import Support
import Testing

extension EndToEndTests {
    /// The real agents against scripted providers: each channel alone and all at once must come out as what was served.
    @Suite struct LiveRunTests {
        @Test(.enabled(if: Self.claude != nil, "Claude Code is not installed; deploy/test tries to install it"))
        func `a live agent's protobuf comes out as the provider served it`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let run = try LiveRun(
                "run_claude.py",
                [
                    "--claude", try #require(Self.claude), "--protocol", "http/protobuf", "--scenes", "answer", "tools",
                    "delegate",
                ], telemetryTo: services)
            defer { run.folder.remove() }
            let truth = try ClaudeCapture.truth(run.truth)
            #expect(truth.total.calls >= 6)
            expect(try services.settledLedger { $0.books == truth }.books, truth, "telemetry")
        }

        @Test(.enabled(if: Self.claude != nil, "Claude Code is not installed; deploy/test tries to install it"))
        func `every channel of a live Claude Code comes out as the provider served it`() throws {
            let harness = "claude-code"
            let services = try RunningServices()
            defer { services.shutDown() }
            let run = try LiveRun(
                "run_claude.py", ["--claude", try #require(Self.claude), "--protocol", "http/json"],
                telemetryTo: services)
            defer { run.folder.remove() }
            let complete = try ClaudeCapture.truth(run.truth)
            // An answer that was interrupted is known to metrics and results alone, as it began.
            let all = try ClaudeCapture.truth(run.truth, interrupted: true)
            #expect(complete.total.calls >= 18 && all.total.calls == complete.total.calls + 1)

            let live = try services.settledLedger { view in
                complete.accounts.allSatisfy { view.books.accounts[$0] == $1 }
            }
            let begun = live.books.without(complete)
            expect(live.books.without(begun), complete, "telemetry")
            // Metrics of the last second may be lost when a program ends.
            let known = all.without(complete).mapped(\.withoutLifetimes)
            #expect(
                begun.mapped(\.withoutLifetimes) == known || begun.accounts.isEmpty, "telemetry of the interrupted run")

            expect(try books(complete) { try run.sendFiles("transcripts", of: harness, to: $0) }, complete, "files")
            let sums = all.mapped(\.asSum)
            expect(try books(sums) { try run.sendResults(of: harness, to: $0) }.mapped(\.asSum), sums, "results")

            try run.sendFiles("transcripts", of: harness, to: services)
            try run.sendResults(of: harness, to: services)
            let together = try services.settledLedger { $0.books.mapped(\.asSum) == sums }.books
            expect(together.mapped(\.asSum), sums, "all at once")
        }

        @Test(.enabled(if: Self.codex != nil, "Codex is not installed; deploy/test tries to install it"))
        func `every channel of a live Codex comes out as the provider served it`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let run = try LiveRun(
                "run_codex.py", ["--codex", try #require(Self.codex), "--protocol", "binary"], telemetryTo: services)
            defer { run.folder.remove() }
            let truth = try CodexCapture.truth(run.truth)
            #expect(truth.total.calls >= 16)
            // A program that is interrupted does not send its last telemetry; its files have every answer it got.
            let interrupted = try #require(try Self.threads(run, finished: false)["slow"])
            let known = truth.without(session: interrupted)
            #expect(known != truth)
            let live = try services.settledLedger { $0.books.without(session: interrupted) == known }.books
            expect(live.without(session: interrupted), known, "telemetry")
            #expect(live == known || live == truth, "telemetry of the interrupted run")
            expect(try books(truth) { try run.sendFiles("files/sessions", of: "codex", to: $0) }, truth, "files")

            // A result names no model, and tells neither of helpers nor of a turn that was interrupted.
            let finished = Set(try Self.threads(run, finished: true).values)
            var sums = Books()
            for (account, tally) in truth.accounts where finished.contains(account.session) {
                sums.add(tally.asUsage, to: Books.Account(session: account.session, model: "(none)"))
            }
            #expect(sums.accounts.count >= 6 && sums.accounts.count < truth.accounts.count)
            let printed = try books(sums) { try run.sendResults(of: "codex", to: $0) }
            expect(printed.mapped(\.asUsage), sums, "results")

            try run.sendFiles("files/sessions", of: "codex", to: services)
            try run.sendResults(of: "codex", to: services)
            expect(try services.settledLedger { $0.books == truth }.books, truth, "all at once")
        }

        private func expect(_ books: Books, _ truth: Books, _ channels: String) {
            let differences = books.differences(from: truth)
            #expect(differences.isEmpty, "\(channels): \(differences.joined(separator: "\n"))")
        }

        /// What comes out of services of their own.
        private func books(_ expected: Books, _ send: (RunningServices) throws -> Void) throws -> Books {
            let services = try RunningServices()
            defer { services.shutDown() }
            try send(services)
            let view = try services.settledLedger { view in
                view.books == expected || view.books.mapped(\.asSum) == expected
                    || view.books.mapped(\.asUsage) == expected
            }
            return view.books
        }

        /// The threads of the commands that printed a total, or of all, by the commands' names.
        private static func threads(_ run: LiveRun, finished: Bool) throws -> [String: String] {
            var threads: [String: String] = [:]
            for (invocation, output) in try run.results() {
                let text = String(decoding: output, as: UTF8.self)
                guard !finished || text.contains(#""type":"turn.completed""#),
                    let start = text.firstRange(of: #""thread_id":""#)
                else { continue }
                threads[invocation.name] = String(text[start.upperBound...].prefix(36))
            }
            return threads
        }

        /// The agents' programs, where `deploy/test` could install them.
        private static var claude: String? { program("TOLLBOOK_TEST_CLAUDE") }
        private static var codex: String? { program("TOLLBOOK_TEST_CODEX") }

        private static func program(_ variable: String) -> String? {
            ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        }
    }
}

extension Tally {
    /// The usage and its cost, whether it was told call by call or as a sum.
    fileprivate var asSum: Tally {
        var tally = self
        tally.calls = 0
        return tally
    }

    /// The usage alone: without a model it has no price.
    fileprivate var asUsage: Tally {
        var tally = asSum
        tally.picodollars = 0
        return tally
    }
}

extension Books {
    /// The books without those of a session.
    fileprivate func without(session: String) -> Books {
        var books = Books()
        for (account, tally) in accounts where account.session != session { books.add(tally, to: account) }
        return books
    }

    /// The books without the accounts that other books have.
    fileprivate func without(_ others: Books) -> Books {
        var books = Books()
        for (account, tally) in accounts where others.accounts[account] == nil { books.add(tally, to: account) }
        return books
    }
}
