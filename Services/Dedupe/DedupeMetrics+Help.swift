extension DedupeMetrics {
    /// What each metric says, by the name it is shown under.
    static let help = [
        "tollbook_dedupe_accepted_total": "Events taken in from ingest, repetitions included.",
        "tollbook_dedupe_cached_records": "Records of calls and scopes held in memory.",
        "tollbook_dedupe_calls_total": "Revisions of calls that were emitted.",
        "tollbook_dedupe_conservation_error":
            "Accepted less duplicates, observations, dead letters and what is in flight; always 0.",
        "tollbook_dedupe_dead_letters_total": "Events that could not be used, those of ingest included.",
        "tollbook_dedupe_duplicates_total": "Events that said what was known already.",
        "tollbook_dedupe_lost_total": "Events that their sender could no longer supply.",
        "tollbook_dedupe_observations_total": "Observations stored.",
        "tollbook_dedupe_outbox_events": "Transactions that query has not acknowledged.",
        "tollbook_dedupe_reconciliations_total": "Reconciliation records of sessions that were emitted.",
        "tollbook_dedupe_refused_total": "Input that was refused, by reason.",
        "tollbook_dedupe_resent_calls_total": "Transactions sent again.",
        "tollbook_dedupe_retractions_total": "Calls taken back.",
        "tollbook_dedupe_transactions_total": "Transactions of calls that were emitted.",
        "tollbook_dedupe_unsettled_scopes": "Sessions whose aggregates still wait for their calls.",
    ]
}
