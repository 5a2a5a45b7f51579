import Metering

extension CallRecord {
    /// The reports behind the call's figures, each with a verdict; those past the bounds are only counted.
    func evidence(_ figures: Figures) -> Evidence {
        var evidence = Evidence()
        var others: [Evidence.Item] = []
        forEachReport(figures) { report, verdicts in
            let judgement = judgement(of: report, verdicts, figures)
            let session = report.observation.session
            let item = Evidence.Item(
                observation: report.id, channel: report.rank.channel,
                session: session == origin.scope.session ? nil : session, eventTime: report.observation.eventTime,
                tokens: report.figures.tokens, cost: report.figures.cost.map(Amount.init(picodollars:)),
                verdict: judgement.verdict, rule: judgement.rule.rawValue)
            if judgement.verdict == .counted { evidence.items.append(item) } else { others.append(item) }
        }
        if !others.isEmpty { evidence.items += others }
        for item in evidence.items.dropFirst(Evidence.maximumItems) { evidence.omitted[item.verdict, default: 0] += 1 }
        if evidence.items.count > Evidence.maximumItems {
            evidence.items.removeLast(evidence.items.count - Evidence.maximumItems)
        }
        // What was folded is no fuller than a report of its channel that was kept.
        if !folded.isEmpty { evidence.omitted[.superseded, default: 0] += Int64(folded.count) }
        return evidence
    }

    /// Goes through the reports in the order of belief and tells what became of each field.
    func forEachReport(_ figures: Figures, _ body: (Report, FieldVerdicts) -> Void) {
        var supplied: FieldSet = []
        for report in reports {
            let own = channels.first { $0.rank == report.rank } ?? channels[0]
            var verdicts = FieldVerdicts()
            for field in Field.allCases {
                guard let value = report.figures[field], let final = figures[field], let most = own.figures[field]
                else { continue }
                if value < most {
                    verdicts[field] = .superseded
                } else if value != final {
                    verdicts[field] = .conflicting
                } else if !supplied.contains(field), winner(of: field) == own.rank {
                    verdicts[field] = .counted
                    supplied.insert(FieldSet(field))
                } else {
                    verdicts[field] = .duplicate
                }
            }
            body(report, verdicts)
        }
    }

    private func winner(of field: Field) -> ChannelRank? {
        channels.first { $0.figures[field] != nil }?.rank
    }

    private func judgement(
        of report: Report, _ verdicts: FieldVerdicts, _ figures: Figures
    ) -> (verdict: Evidence.Verdict, rule: Rule) {
        if verdicts.contains(.counted) {
            if reports.count == 1, folded.isEmpty { return (.counted, .soleReport) }
            return (.counted, channels.count > 1 ? .channelAuthority : .fieldwiseMaximum)
        }
        if let writes = report.figures.cacheWrites, writes == figures.cacheWrites, writes.isSplit,
            !channels.contains(where: { $0.rank == winner(of: .cacheWrite) && $0.figures.cacheWrites == writes })
        {
            return (.counted, .cacheLifetimeSplit)
        }
        if verdicts.contains(.conflicting) { return (.conflicting, .channelAuthority) }
        if verdicts.contains(.superseded) { return (.superseded, .fieldwiseMaximum) }
        return (.duplicate, companions.contains(report.id) ? .pairing : .sameIdentity)
    }
}

/// What became of each field of one report; `nil` where the report does not have the field.
struct FieldVerdicts {
    private var sets: (counted: FieldSet, duplicate: FieldSet, superseded: FieldSet, conflicting: FieldSet) =
        ([], [], [], [])

    subscript(field: Field) -> Evidence.Verdict? {
        get { Evidence.Verdict.allCases.first { self[$0].contains(field) } }
        set {
            guard let newValue else { return }
            self[newValue].insert(FieldSet(field))
        }
    }

    func contains(_ verdict: Evidence.Verdict) -> Bool { !self[verdict].isEmpty }

    private subscript(verdict: Evidence.Verdict) -> FieldSet {
        get {
            switch verdict {
            case .counted: sets.counted
            case .duplicate: sets.duplicate
            case .superseded: sets.superseded
            case .conflicting: sets.conflicting
            }
        }
        set {
            switch verdict {
            case .counted: sets.counted = newValue
            case .duplicate: sets.duplicate = newValue
            case .superseded: sets.superseded = newValue
            case .conflicting: sets.conflicting = newValue
            }
        }
    }
}
