import Pipeline
import Testing

struct SendWindowTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    @Test func `sends from the oldest event up to the capacity`() {
        let window = SendWindow(low: 5, settings: .init(capacity: 10))
        #expect(window.sendable(before: 8) == 5..<8)
        #expect(window.sendable(before: 100) == 5..<15)
        #expect(window.sendable(before: 5).isEmpty)
    }

    @Test func `an acknowledgement opens the window`() {
        var window = SendWindow(low: 1, settings: .init(capacity: 10))
        window.didSend(through: 10, at: start)
        #expect(window.sendable(before: 100).isEmpty)
        let isProgress = window.acknowledge(through: 4, at: start)
        #expect(isProgress)
        #expect(window.sendable(before: 100) == 11..<15)
        #expect(window.outstanding == 6)
    }

    @Test func `old and repeated watermarks change nothing`() {
        var window = SendWindow(low: 1)
        window.didSend(through: 10, at: start)
        window.acknowledge(through: 6, at: start)
        let before = window
        for old in [0, 3, 6] as [Int64] {
            let isProgress = window.acknowledge(through: old, at: start + .seconds(9))
            #expect(!isProgress)
        }
        #expect(window == before)
    }

    @Test func `no progress for the timeout goes back, and the timeout doubles to its limit`() {
        var window = SendWindow(low: 1)
        var now = start
        var waits: [Duration] = []
        for _ in 0..<6 {
            window.didSend(through: 10, at: now)
            let deadline = window.deadline ?? now
            let early = window.expire(at: MonotonicInstant(nanoseconds: deadline.nanoseconds - 1))
            #expect(early == 0)
            let resent = window.expire(at: deadline)
            #expect(resent == 10)
            #expect(window.nextToSend == 1)
            waits.append(deadline - now)
            now = deadline
        }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
    }

    @Test func `progress resets the timeout`() {
        var window = SendWindow(low: 1)
        window.didSend(through: 10, at: start)
        _ = window.expire(at: start + .seconds(1))
        window.didSend(through: 10, at: start + .seconds(1))
        window.acknowledge(through: 3, at: start + .seconds(2))
        #expect(window.deadline == start + .seconds(3))
    }

    @Test func `sending more does not put off the deadline`() {
        var window = SendWindow(low: 1)
        window.didSend(through: 10, at: start)
        window.didSend(through: 20, at: start + .milliseconds(900))
        #expect(window.deadline == start + .seconds(1))
    }

    @Test func `nothing unacknowledged means no deadline`() {
        var window = SendWindow(low: 1)
        #expect(window.deadline == nil)
        window.didSend(through: 10, at: start)
        window.acknowledge(through: 10, at: start)
        #expect(window.deadline == nil)
    }

    @Test func `a watermark ahead of what was sent is believed`() {
        var window = SendWindow(low: 1)
        window.acknowledge(through: 500, at: start)
        #expect(window.sendable(before: 600) == 501..<600)
    }

    @Test func `after going back, an acknowledgement of the first sending moves forward again`() {
        var window = SendWindow(low: 1)
        window.didSend(through: 10, at: start)
        _ = window.expire(at: start + .seconds(1))
        window.acknowledge(through: 10, at: start + .seconds(1))
        #expect(window.sendable(before: 11).isEmpty)
        #expect(window.deadline == nil)
    }

    @Test func `events the outbox lost are skipped`() {
        var window = SendWindow(low: 1)
        window.didSend(through: 5, at: start)
        window.skip(to: 9)
        #expect(window.sendable(before: 12) == 9..<12)
        #expect(window.deadline == nil)
        window.skip(to: 3)
        #expect(window.acknowledged == 8)
    }
}
