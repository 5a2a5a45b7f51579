import Metering
import Pipeline
import Reporting
import Wire

/// Decides by number which events of the arriving batches are new, and reads them.
struct Intake {
    private var windows: [StreamID: UnorderedReceiveWindow]

    /// Continues after stored windows.
    init(windows: [StreamID: UnorderedReceiveWindow]) {
        self.windows = windows
    }

    /// Takes what arrived: what is new becomes transactions or dead letters of one batch.
    ///
    /// The windows move on at once. That is right because a batch that cannot be stored ends the process.
    ///
    /// - Throws: ``LineageError`` when the sender and the ledger do not belong together; nothing is taken then.
    mutating func take(_ arrivals: Arrivals) throws(LineageError) -> LedgerBatch {
        var batch = LedgerBatch()
        for arrival in arrivals.batches {
            if windows[arrival.stream] == nil, !windows.isEmpty, !Self.isRepricing(arrival) {
                throw .otherDedupe(arrival.stream)
            }
            var window = windows[arrival.stream] ?? UnorderedReceiveWindow()
            let admission = window.admit(arrival.batch)
            if let missing = admission.gaps.first { throw .ledgerIsOlder(arrival.stream, missing: missing) }
            windows[arrival.stream] = window
            batch.windows[arrival.stream] = window
            batch.duplicates += admission.duplicates
            for indices in admission.applicable {
                for index in indices { read(arrival, index, into: &batch) }
            }
        }
        batch.deadLetters += arrivals.rejected.map { frame in
            IncomingDeadLetter(
                stream: nil, sequence: nil, reason: frame.reason.name, field: nil, byteCount: frame.byteCount)
        }
        return batch
    }

    /// Whether a batch is of a job that prices charges of this ledger anew: each run of one is a stream of its own.
    ///
    /// What cannot be read says nothing of its sender, so it does not speak for one.
    private static func isRepricing(_ arrival: Arrival) -> Bool {
        !arrival.batch.events.isEmpty
            && arrival.batch.events.allSatisfy { range in
                var transaction = IncomingTransaction(
                    stream: arrival.stream, sequence: arrival.batch.first, byteCount: range.count, charges: [])
                do throws(JSONError) {
                    try read(arrival.batch.frame, range, into: &transaction)
                } catch {
                    return false
                }
                return !transaction.charges.isEmpty && transaction.charges.allSatisfy { $0.entry.reason == .reprice }
            }
    }

    private func read(_ arrival: Arrival, _ index: Int, into batch: inout LedgerBatch) {
        let sequence = arrival.batch.first + Int64(index)
        let range = arrival.batch.events[index]
        do throws(JSONError) {
            var transaction = IncomingTransaction(
                stream: arrival.stream, sequence: sequence, byteCount: range.count, charges: [])
            try Self.read(arrival.batch.frame, range, into: &transaction)
            batch.transactions.append(transaction)
        } catch {
            batch.deadLetters.append(
                IncomingDeadLetter(
                    stream: arrival.stream, sequence: sequence, reason: error.reason.name, field: error.member,
                    byteCount: range.count))
        }
    }

    /// Reads `{"charges":[...]}`, and `reconciliations` where there are some, and remembers the text of each.
    private static func read(
        _ frame: [UInt8], _ range: Range<Int>, into transaction: inout IncomingTransaction
    ) throws(JSONError) {
        var json = JSONReader(frame, in: range)
        var charges: [IncomingCharge]?
        var reconciliations: [IncomingReconciliation] = []
        try json.object { key, json throws(JSONError) in
            switch key {
            case "charges":
                var list: [IncomingCharge] = []
                try json.array { json throws(JSONError) in
                    _ = try json.kind()
                    let start = json.index
                    let entry = try ChargeEntry(from: &json)
                    list.append(IncomingCharge(entry: entry, text: frame[start..<json.index]))
                }
                charges = list
            case "reconciliations":
                try json.array { json throws(JSONError) in
                    _ = try json.kind()
                    let start = json.index
                    let record = try json.reconciliation()
                    reconciliations.append(
                        IncomingReconciliation(
                            scope: record.scope, revision: record.revision, text: Array(frame[start..<json.index])))
                }
            default: try json.skip()
            }
        }
        try json.finish()
        // What was passed over is published too; only its form was checked.
        guard frame[range].isUTF8 else { throw JSONError(.invalidUTF8, at: range.lowerBound) }
        guard let charges else { throw JSONError(.missingMember, at: range.lowerBound, member: "charges") }
        transaction.charges = charges
        transaction.reconciliations = reconciliations
    }
}

extension ArraySlice<UInt8> {
    /// Whether the bytes are a text; quick where they are ASCII, which nearly all are.
    fileprivate var isUTF8: Bool {
        withUnsafeBytes { bytes in
            var isASCII = true
            var offset = 0
            while offset + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                if word & 0x8080_8080_8080_8080 != 0 { isASCII = false }
                offset += 8
            }
            while offset < bytes.count {
                if bytes[offset] >= 0x80 { isASCII = false }
                offset += 1
            }
            return isASCII || String(validating: bytes, as: UTF8.self) != nil
        }
    }
}

extension JSONError.Reason {
    /// The reason as a stable name.
    fileprivate var name: String {
        String(rawValue.map { $0 == " " ? "_" : $0 }).lowercased()
    }
}

extension RejectedFrame.Reason {
    /// The reason as a stable name.
    fileprivate var name: String {
        switch self {
        case .unreadable(.unsupportedVersion): "unsupported_version"
        case .unreadable(.malformed): "malformed_batch"
        case .unknownStream: "unknown_stream"
        }
    }
}
