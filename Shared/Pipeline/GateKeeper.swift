import Dispatch
import Synchronization
import ZeroMQ

/// Sees that a context with guarded sockets has a gate for as long as its stage lives.
final class GateKeeper: Sendable {
    private let gate = Mutex<CurveGate?>(nil)

    deinit {
        gate.withLock { $0?.close() }
    }

    /// Lets clients through, and opens the gate for the first of them.
    func admit(_ clients: CurveClients, in context: Context) throws(PipelineError) {
        let opened = gate.withLock { gate -> CurveGate? in
            if let gate {
                gate.allow(clients)
                return nil
            }
            let new = CurveGate(allowing: clients)
            gate = new
            return new
        }
        guard let opened else { return }
        let isOpen = DispatchSemaphore(value: 0)
        do throws(ThreadError) {
            try DedicatedThread.start { opened.serve(in: context) { isOpen.signal() } }
        } catch {
            throw .thread(code: error.code)
        }
        // Whoever connects before the gate is open would be turned away once.
        isOpen.wait()
    }
}
