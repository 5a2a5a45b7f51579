/// A key of the live view.
public enum KeyPress: Hashable, Sendable {
    case up, down, left, right, pageUp, pageDown, quit

    /// Reads what a terminal in raw mode sent; what means nothing here is passed over.
    public static func read(_ bytes: some Sequence<UInt8>) -> [KeyPress] {
        var keys: [KeyPress] = []
        var rest = ArraySlice(Array(bytes))
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "q"), UInt8(ascii: "Q"), 3: keys.append(.quit)
            case UInt8(ascii: "k"): keys.append(.up)
            case UInt8(ascii: "j"): keys.append(.down)
            case UInt8(ascii: "h"): keys.append(.left)
            case UInt8(ascii: "l"), UInt8(ascii: "\t"): keys.append(.right)
            case 0x1B: if let key = sequence(&rest) { keys.append(key) }
            default: continue
            }
        }
        return keys
    }

    /// Reads what follows an escape, as `[A` or `OA`, to its final letter.
    private static func sequence(_ rest: inout ArraySlice<UInt8>) -> KeyPress? {
        guard let introducer = rest.first, introducer == UInt8(ascii: "[") || introducer == UInt8(ascii: "O") else {
            return nil
        }
        rest.removeFirst()
        var parameter: [UInt8] = []
        while let byte = rest.popFirst() {
            guard (0x40...0x7E).contains(byte) else {
                parameter.append(byte)
                continue
            }
            switch (byte, parameter.first) {
            case (UInt8(ascii: "A"), _): return .up
            case (UInt8(ascii: "B"), _): return .down
            case (UInt8(ascii: "C"), _): return .right
            case (UInt8(ascii: "D"), _): return .left
            case (UInt8(ascii: "~"), UInt8(ascii: "5")): return .pageUp
            case (UInt8(ascii: "~"), UInt8(ascii: "6")): return .pageDown
            default: return nil
            }
        }
        return nil
    }
}
