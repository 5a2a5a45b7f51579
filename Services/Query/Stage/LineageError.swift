import Pipeline

/// Why what arrives cannot belong to this ledger: one of two stores was replaced and the other was not.
///
/// Going on would leave charges out or mix two histories, without a trace. So the service ends and says so.
enum LineageError: Error, CustomStringConvertible {
    /// Dedupe has given up events that this ledger never got, because a later state of it had acknowledged them.
    case ledgerIsOlder(StreamID, missing: Range<SequenceNumber>)
    /// Events come from a dedupe that did not make what is in this ledger.
    case otherDedupe(StreamID)

    var description: String {
        switch self {
        case .ledgerIsOlder(let stream, let missing):
            "this ledger lacks the events \(missing.lowerBound) to \(missing.upperBound - 1) of stream \(stream), which "
                + "dedupe handed over before: the ledger was restored or removed, and dedupe was not; restore both from "
                + "one backup (tollbook restore), or remove both and import history again"
        case .otherDedupe(let stream):
            "this ledger belongs to another dedupe than the one that sends stream \(stream): dedupe's data was restored or "
                + "removed, and the ledger was not; restore both from one backup (tollbook restore), or remove both and "
                + "import history again"
        }
    }
}
