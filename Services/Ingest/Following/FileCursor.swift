/// How far a file was read, and what stood there, to tell whether what was read is still in it.
///
/// Made from the bytes that were read, not from the file: whatever becomes of the file meanwhile, this says what is done.
struct FileCursor: Hashable, Sendable {
    /// How many bytes ``tail`` covers.
    static let tailLength = 1024

    /// How many bytes ``head`` covers.
    let headLength: Int
    /// Bytes read: the end of a line.
    private(set) var offset: Int64 = 0
    /// The first bytes of the file: all that were read, while they are few.
    private(set) var head = Fingerprint()
    /// The last bytes before `offset`.
    private(set) var tail = Fingerprint()
    /// The file as it was when nothing was left to read; `nil` while something is.
    var seen: Seen?

    /// A file's state that needs no second look.
    struct Seen: Hashable, Sendable {
        let size: Int64
        let modified: Int64
    }

    /// What a look at a file's state tells.
    enum Look: Hashable, Sendable {
        /// Nothing happened since it was read to its end.
        case unchanged
        /// There may be more to read behind the cursor, if what is before it still stands.
        case changed
        /// What was read is not in it any more: it is read from its start, which counts nothing twice.
        case rewritten
    }

    /// The cursor of a file of which nothing was read.
    init(headLength: Int = 64 << 10) {
        self.headLength = headLength
    }

    /// A cursor as it was kept.
    init(offset: Int64, head: Fingerprint, tail: Fingerprint, seen: Seen?) {
        self.init()
        self.offset = offset
        self.head = head
        self.tail = tail
        self.seen = seen
    }

    /// Looks at a file's size and time.
    func look(at status: (size: Int64, modified: Int64)) -> Look {
        if let seen, seen.size == status.size {
            // Written to without growing: some of it was replaced.
            return seen.modified == status.modified ? .unchanged : .rewritten
        }
        return status.size < offset ? .rewritten : .changed
    }

    /// The cursor of a file that has to be looked at again though it may not change.
    var unseen: FileCursor {
        var cursor = self
        cursor.seen = nil
        return cursor
    }

    /// Moves past bytes that were read.
    mutating func advance(past text: [UInt8]) {
        offset += Int64(text.count)
        head.extend(by: text[...], upTo: headLength)
        tail = Fingerprint(of: text.suffix(Self.tailLength))
        seen = nil
    }

    /// Moves past a line that was left out, of which only the first bytes are known.
    mutating func advance(pastLineWith head: [UInt8], size: Int64) {
        if offset == 0 { self.head.extend(by: head[...], upTo: headLength) }
        offset += size + 1
        tail = Fingerprint()
        seen = nil
    }
}

/// A hash of some bytes and how many they are.
///
/// Not against forgers: it tells rewritten files from grown ones (FNV-1a, 64 bits).
struct Fingerprint: Hashable, Sendable {
    private(set) var length = 0
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    init(of bytes: ArraySlice<UInt8>) {
        extend(by: bytes, upTo: bytes.count)
    }

    /// A fingerprint as it was kept.
    init(length: Int, hash: UInt64) {
        self.length = length
        self.hash = hash
    }

    /// Takes in more bytes, up to the most.
    mutating func extend(by bytes: ArraySlice<UInt8>, upTo most: Int) {
        for byte in bytes.prefix(max(most - length, 0)) {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            length += 1
        }
    }
}
