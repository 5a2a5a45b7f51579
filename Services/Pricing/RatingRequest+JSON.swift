import Metering
import Rating
import Wire

extension JSONReader {
    /// Reads `{"calls":[ … ]}`, of each call only what pricing needs, and where `reconciliations` lie.
    mutating func pricedTransaction() throws(JSONError) -> PricedTransaction {
        var calls: [PricedCall]?
        var reconciliations: Range<Int>?
        try object { key, json throws(JSONError) in
            switch key {
            case "calls":
                var list: [PricedCall] = []
                try json.array { json throws(JSONError) in list.append(try json.pricedCall()) }
                calls = list
            case "reconciliations": reconciliations = try json.raw()
            default: try json.skip()
            }
        }
        try finish()
        guard let calls else { throw JSONError(.missingMember, at: index, member: "calls") }
        return PricedTransaction(calls: calls, reconciliations: reconciliations)
    }

    private mutating func pricedCall() throws(JSONError) -> PricedCall {
        guard try kind() == .object else { throw JSONError(.typeMismatch, at: index, member: "calls") }
        let start = index
        var fields = RequestFields()
        try object { key, json throws(JSONError) in try fields.read(key, &json) }
        guard let time = fields.time else { throw JSONError(.missingMember, at: start, member: "event_time") }
        fields.request.time = time
        return PricedCall(text: start..<index, request: fields.request)
    }
}

/// The members of a call that pricing reads, while they are being read.
private struct RequestFields {
    var request = RatingRequest(provider: nil, model: nil, time: Timestamp(nanoseconds: 0), tokens: TokenCounts())
    var time: Timestamp?

    mutating func read(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "event_time": time = try json.timestamp()
        case "provider": request.provider = try json.optionalString()
        case "model": request.model = try json.optionalString()
        case "reported_model": request.reportedModel = try json.optionalString()
        case "tokens": request.tokens = try json.tokenCounts()
        case "reported_cost":
            _ = try json.amount()
            request.hasReportedCost = true
        case "quality":
            let quality = try json.name(Call.Quality.self)
            request.isAggregate = quality == .aggregate || quality == .estimated
        case "retracted": request.isRetracted = try json.bool()
        case "service_tier": request.serviceTier = try json.optionalString()
        case "speed": request.speed = try json.optionalString()
        case "inference_geo": request.geo = try json.optionalString()
        case "web_search_requests": request.webSearches = try json.int64()
        case "rating": throw JSONError(.invalidValue, at: json.index, member: "rating")
        default: try json.skip()
        }
    }
}
