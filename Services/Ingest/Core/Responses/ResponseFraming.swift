import Wire

/// How the answers of a provider lie in a body; told by its content type.
public enum ResponseFraming: String, CaseIterable, Sendable {
    /// One JSON text; of a list, each element.
    case json = "application/json"
    /// The text of a stream of server-sent events.
    case eventStream = "text/event-stream"
    /// One JSON text a line: an event of a stream, bare or as `data` beside its `event`, or a whole body.
    case lines = "application/x-ndjson"

    /// Hands over the JSON texts of a body, in order.
    ///
    /// - Throws: `JSONError` when a JSON body is no JSON at all; a bad text of a stream is handed over like any other.
    func texts(of body: [UInt8], _ take: ([UInt8]) -> Void) throws(JSONError) {
        switch self {
        case .json: try Self.elements(of: body, take)
        case .eventStream: Self.events(of: body, take)
        case .lines: Self.lines(of: body, take)
        }
    }

    private static func elements(of body: [UInt8], _ take: ([UInt8]) -> Void) throws(JSONError) {
        var whole = JSONReader(body)
        try whole.skip()
        try whole.finish()
        var json = JSONReader(body)
        guard try json.kind() == .array else { return take(body) }
        try json.array { json throws(JSONError) in take(Array(body[try json.raw()])) }
    }

    /// Server-sent events as the HTML standard reads them; the names of events are in their data as well.
    private static func events(of body: [UInt8], _ take: ([UInt8]) -> Void) {
        var data: [UInt8] = []
        func dispatch() {
            let text = data.dropLast()
            data.removeAll(keepingCapacity: true)
            // The end mark of OpenAI's streams.
            if !text.isEmpty, !text.elementsEqual("[DONE]".utf8) { take(Array(text)) }
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var rest = body[...]
        if rest.starts(with: mark) { rest = rest.dropFirst(mark.count) }
        while !rest.isEmpty {
            let end = rest.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? rest.endIndex
            let line = rest[rest.startIndex..<end]
            var next = min(end + 1, rest.endIndex)
            if end < rest.endIndex, rest[end] == UInt8(ascii: "\r"), next < rest.endIndex,
                rest[next] == UInt8(ascii: "\n")
            {
                next += 1
            }
            rest = rest[next...]
            if line.isEmpty {
                dispatch()
            } else if line.hasPrefix("data:") {
                let value = line.dropFirst(5)
                data += value.first == UInt8(ascii: " ") ? value.dropFirst() : value
                data.append(UInt8(ascii: "\n"))
            }
        }
        // A capture may end before the blank line that ends its last event.
        dispatch()
    }

    private static func lines(of body: [UInt8], _ take: ([UInt8]) -> Void) {
        for line in body.split(separator: UInt8(ascii: "\n"))
        where line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) {
            take(data(of: Array(line)))
        }
    }

    /// The data of an event written as an object with its name; any other text as it is.
    private static func data(of line: [UInt8]) -> [UInt8] {
        var hasName = false
        var data: Range<Int>?
        var json = JSONReader(line)
        do throws(JSONError) {
            try json.objectIfAny { key, json throws(JSONError) in
                switch key {
                case "event":
                    hasName = try json.kind() == .string
                    try json.skip()
                case "data":
                    let isObject = try json.kind() == .object
                    let range = try json.raw()
                    data = isObject ? range : nil
                default: try json.skip()
                }
            }
        } catch {
            return line
        }
        guard hasName, let data else { return line }
        return Array(line[data])
    }
}
