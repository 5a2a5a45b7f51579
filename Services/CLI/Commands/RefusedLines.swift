import Console
import Harnesses
import Metering

/// Lines of session files that were refused, to be found again by their dead letters, which hold nothing of them.
struct RefusedLines {
    private let letters: Set<ContentID>
    /// The members that were at fault, each once.
    private let fields: Set<String?>
    private var found: Set<ContentID> = []
    private var unusable: Set<ContentID> = []

    init(_ letters: [DeadLetterList.Letter]) {
        self.letters = Set(letters.map(\.id))
        fields = Set(letters.map(\.field))
    }

    /// How many are looked for.
    var count: Int { letters.count }

    /// Looks through whole lines.
    mutating func look(through text: [UInt8]) {
        guard !letters.isEmpty else { return }
        for line in text.split(separator: UInt8(ascii: "\n")) { look(at: line) }
    }

    /// Looks at a line, or at a whole document.
    mutating func look(at line: ArraySlice<UInt8>) {
        for field in fields {
            let identity = DeadLetter.identity(ofLine: line, field: field)
            if letters.contains(identity) { found.insert(identity) }
        }
    }

    /// Takes note of a line that was refused once more.
    mutating func noteUnusable(_ letter: ContentID) {
        guard letters.contains(letter) else { return }
        found.insert(letter)
        unusable.insert(letter)
    }

    /// What became of them.
    var summary: String {
        "of \(count) refused lines \(found.count) were found: \(found.count - unusable.count) can be used now, "
            + "\(unusable.count) still cannot; \(count - found.count) are in no file"
    }
}
