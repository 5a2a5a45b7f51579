import ArgumentParser
import Console
import Metering
import PriceSheets
import Rating
import Repricing
import Settings
import WallClock

struct Reprice: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Price calls of the past anew, from the prices in force now.",
        discussion: """
            History keeps the price it was charged with until this is run. Every charge whose price is another by the \
            present sheets gets a new revision with the reason reprice; the ones before stay in the ledger's history. \
            Charges whose texts the ledger removed by its retention keep the price they have; their number is told. \
            May be stopped and run again: what is done is done once. Look with --dry-run first.
            """)

    @OptionGroup var selection: ChargeSelection

    @Flag(help: "Show the difference and change nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    @Option(help: "Where the query service takes charges in.")
    var charges = Environment.text("TOLLBOOK_CHARGES") ?? "tcp://127.0.0.1:7121"

    @Option(help: "Where it says what it has stored.")
    var chargeWatermarks = Environment.text("TOLLBOOK_CHARGE_WATERMARKS") ?? "tcp://127.0.0.1:7122"

    @Option(help: "The folder with the CURVE keys of the bus: pricing's own pair and query.pub (TOLLBOOK_CURVE).")
    var curve = Environment.text("TOLLBOOK_CURVE") ?? ""

    @OptionGroup var layers: PriceLayerOptions
    @OptionGroup var server: ServerOption

    func run() throws {
        var repricing = Repricing(book: try layers.folders().book())
        var client = try server.connect()
        var sender = dryRun ? nil : try ChargeSender(charges: charges, watermarks: chargeWatermarks, curve: curve)
        let leftOut = try client.forEachPage(of: selection.charges) { page in
            for charge in page {
                guard let rating = repricing.rating(for: charge.charge) else { continue }
                try sender?.send(charge.event(repricedTo: rating))
            }
            try sender?.finish()
        }
        let comparison = CostComparison(repricing)
        if json {
            let facts = [
                JSONDocument.Member("price_book", .string(repricing.priceBookVersion)),
                JSONDocument.Member("dry_run", .bool(dryRun)), LeftOut.member(leftOut),
            ]
            Terminal.write(comparison.json(facts).prettyText)
            return
        }
        Terminal.write(comparison.text(isColoured: Terminal.usesColour))
        let changed = NumberText.grouped(repricing.totals.changed)
        Terminal.write(
            dryRun
                ? "\(changed) charges would be repriced from sheets \(repricing.priceBookVersion). Nothing was changed.\n"
                : "\(changed) charges repriced from sheets \(repricing.priceBookVersion).\n")
        if let line = leftOut?.text { Terminal.write(line) }
    }
}

struct WhatIfCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Show what the same tokens would have cost with another model.",
        discussion: """
            The token counts stay as they are, though another model would have counted, cached and answered differently: \
            take the figure for a first estimate. Long requests are priced at the tier of their own size.
            """)

    @Option(help: "The model to price with, by any of its names.")
    var model: String

    @Option(help: "Who would bill it; by default the one its name tells.")
    var provider: String?

    @Option(help: "Take the model's prices of this instant or day, instead of each call's own time.")
    var at: Instant?

    @OptionGroup var selection: WhatIfSelection

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    @OptionGroup var layers: PriceLayerOptions
    @OptionGroup var server: ServerOption

    func run() throws {
        var whatIf = WhatIf(
            model: model, provider: provider, at: at?.timestamp, book: try layers.folders().book())
        if let reason = whatIf.refusal(at: .now) {
            throw Failure("\(model) has no price: \(reason); tollbook prices lists those that have")
        }
        var client = try server.connect()
        let leftOut = try client.forEachPage(of: selection.charges) { page in
            for charge in page { whatIf.add(charge.charge) }
        }
        let comparison = CostComparison(whatIf)
        if json {
            let facts = [
                JSONDocument.Member("what_if", .string(model)),
                JSONDocument.Member("assumption", .string(WhatIf.assumption)), LeftOut.member(leftOut),
            ]
            Terminal.write(comparison.json(facts).prettyText)
        } else {
            Terminal.write(comparison.text(isColoured: Terminal.usesColour))
            Terminal.write("What if \(model)? Assumes the \(WhatIf.assumption).\n")
            if let line = leftOut?.text { Terminal.write(line) }
        }
    }
}

/// Which charges a job is about.
struct ChargeSelection: ParsableArguments {
    @Option(name: .shortAndLong, help: "The first day, YYYYMMDD or YYYY-MM-DD, of UTC.")
    var since: CivilDay

    @Option(name: .shortAndLong, help: "The last day, counted in.")
    var until: CivilDay?

    @Option(help: "Only calls of this model, as reports name it.")
    var model: String?

    var charges: [(name: String, value: String)] { chargeParameters(since: since, until: until, model: model) }
}

/// Which charges are priced with another model.
struct WhatIfSelection: ParsableArguments {
    @Option(name: .shortAndLong, help: "The first day, YYYYMMDD or YYYY-MM-DD, of UTC.")
    var since: CivilDay?

    @Option(name: .shortAndLong, help: "The last day, counted in.")
    var until: CivilDay?

    @Option(help: "Only calls of this model, as reports name it.")
    var insteadOf: String?

    var charges: [(name: String, value: String)] { chargeParameters(since: since, until: until, model: insteadOf) }
}

private func chargeParameters(
    since: CivilDay?, until: CivilDay?, model: String?
) -> [(name: String, value: String)] {
    let optional: [(name: String, value: String?)] = [
        ("since", since?.description), ("until", until?.description), ("timezone", "UTC"), ("model", model),
    ]
    return optional.compactMap { parameter in parameter.value.map { (parameter.name, $0) } }
}
