import Diagnostics
import JSON
import Metrics
import Pictures

extension Erasure {
    /// What a ranking needs until decisions change.
    private struct Ranking {
        let ranking: ErasureRanking
        /// Of all orders of all texts in which the decision changes: k / n.
        let fractions: [Double]
        /// The sums of the weights.
        let masses: [Double]
        /// In how many orders it never changes.
        let never: Int

        init(_ ranking: ErasureRanking, _ texts: [Text]) {
            self.ranking = ranking
            let sets = texts.flatMap { text in
                (text.sets[ranking.rawValue] ?? []).map { (text.measured.words, $0) }
            }
            let flipped = sets.filter { $0.1.erased > 0 }
            fractions = flipped.map { Double($0.1.erased) / Double(max(1, $0.0)) }
            masses = flipped.map(\.1.mass)
            never = sets.count - flipped.count
        }

        var json: JSONText {
            [
                "fraction": .object(NumberSummary(fractions).members),
                "mass": .object(NumberSummary(masses).members), "never": .integer(never),
            ]
        }
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let numbers = findings.texts.indices.filter { findings.texts[$0].single != nil }
        let texts = numbers.map { findings.texts[$0] }
        let rankings = ErasureRanking.allCases.map { Ranking($0, texts) }
        let singles = texts.compactMap(\.single)
        let flips = Flips(singles)
        let lower = singles.filter { $0.divergence < 0 }
        let left = findings.texts.count - texts.count
        let share = singles.isEmpty ? nil : Double(lower.count) / Double(singles.count)
        let wins = Self.wins(texts)
        var summary = context.summary(
            Self.entry.name, findings.texts.map(\.measured).scores, epoch: findings.epoch)
        summary += [
            (
                "single",
                [
                    "n": .integer(singles.count), "both": .integer(flips.both),
                    "only_largest": .integer(flips.onlyLargest),
                    "only_other": .integer(flips.onlyOther), "neither": .integer(flips.neither),
                    "p": .double(flips.pValue), "share_other_moves_further": JSONText(share),
                    "weight_difference_where_other_moves_further": .object(
                        NumberSummary(lower.map(\.weight)).members),
                ]
            ),
            (
                "sets",
                .object(rankings.map { (key: $0.ranking.rawValue, value: $0.json) })
            ),
            ("fewer_than_attention", .object(wins.map { (key: $0.ranking, value: $0.json) })),
            ("texts_of_one_word", .integer(left)),
        ]
        return DiagnosticReport(
            title: context.title(Self.entry.name), summary: summary,
            texts: zip(numbers, texts).map(Self.line),
            sentences: sentences(rankings, flips, singles.count, left: left),
            tables: [
                ReportTable(
                    "Share of the words that are erased, in the order of a ranking, until the decision "
                        + "changes",
                    [
                        "ranking", "mean", "median", "lower quartile", "upper quartile",
                        "mean attention erased", "changes", "never changes",
                    ],
                    rankings.map { ranking in
                        let numbers = NumberSummary(ranking.fractions)
                        return [
                            ranking.ranking.rawValue, ReportFigures.short(numbers.mean),
                            ReportFigures.short(numbers.median),
                            ReportFigures.short(numbers.quantile(0.25)),
                            ReportFigures.short(numbers.quantile(0.75)),
                            ReportFigures.short(NumberSummary(ranking.masses).mean),
                            ReportFigures.count(numbers.count), ReportFigures.count(ranking.never),
                        ]
                    }),
                ReportTable(
                    "Which weight changes the decision when it is erased alone: the largest, or "
                        + "another one drawn at random",
                    ["weight", "texts", "percent"],
                    flips.rows.map { name, count in
                        [
                            name, ReportFigures.count(count),
                            singles.isEmpty
                                ? "–"
                                : ReportFigures.short(
                                    100 * Double(count) / Double(singles.count), digits: 1),
                        ]
                    }),
                ReportTable(
                    "Texts in which a ranking needs fewer weights than attention",
                    ["ranking", "fewer", "as many", "more"],
                    wins.map { win in
                        [win.ranking]
                            + [win.fewer, win.same, win.more].map(ReportFigures.count)
                    }),
            ], picture: picture(rankings, singles, context),
            headline: [("accuracy", findings.texts.map(\.measured).scores.accuracy)]
                + rankings.prefix(4).map {
                    ("fraction, \($0.ranking.rawValue)", NumberSummary($0.fractions).mean)
                } + [
                    ("only the largest flips", flips.share(flips.onlyLargest)),
                    ("only the other flips", flips.share(flips.onlyOther)),
                ])
    }

    /// The 2 × 2 table of decisions that change.
    private struct Flips {
        var (both, onlyLargest, onlyOther, neither) = (0, 0, 0, 0)

        init(_ singles: [Text.Single]) {
            for single in singles {
                switch (single.largestFlips, single.otherFlips) {
                case (true, true): both += 1
                case (true, false): onlyLargest += 1
                case (false, true): onlyOther += 1
                case (false, false): neither += 1
                }
            }
        }

        /// The share of all texts that a count is; nil of none.
        func share(_ count: Int) -> Double? {
            let all = both + onlyLargest + onlyOther + neither
            return all == 0 ? nil : Double(count) / Double(all)
        }

        var pValue: Double { McNemarTest.pValue(more: onlyLargest, fewer: onlyOther) }
        var rows: [(String, Int)] {
            [
                ("both", both), ("only the largest", onlyLargest), ("only the other", onlyOther),
                ("neither", neither),
            ]
        }
    }

    /// How a ranking does beside attention, text by text.
    private struct Win {
        let ranking: String
        let fewer, same, more: Int

        var json: JSONText {
            ["fewer": .integer(fewer), "same": .integer(same), "more": .integer(more)]
        }
    }

    private static func wins(_ texts: [Text]) -> [Win] {
        [ErasureRanking.gradient, .product, .signTimesAttention].map { ranking in
            var (fewer, same, more) = (0, 0, 0)
            for text in texts {
                func count(_ ranking: ErasureRanking) -> Int {
                    // What never changes needs more than all.
                    let erased = text.sets[ranking.rawValue]?.first?.erased ?? -1
                    return erased > 0 ? erased : text.measured.words + 1
                }
                let (own, attention) = (count(ranking), count(.attention))
                if own < attention {
                    fewer += 1
                } else if own > attention {
                    more += 1
                } else {
                    same += 1
                }
            }
            return Win(ranking: ranking.rawValue, fewer: fewer, same: same, more: more)
        }
    }

    private static func line(_ number: Int, _ text: Text) -> JSONText {
        var members = text.measured.members(number)
        if let single = text.single {
            members += [
                ("js_difference", .double(single.divergence)),
                ("weight_difference", .double(single.weight)),
                ("largest_flips", .bool(single.largestFlips)),
                ("other_flips", .bool(single.otherFlips)),
            ]
        }
        for ranking in ErasureRanking.allCases {
            members.append(
                (
                    "erased_\(ranking.rawValue.replacing("-", with: "_"))",
                    .array((text.sets[ranking.rawValue] ?? []).map { .integer($0.erased) })
                ))
        }
        return .object(members)
    }

    private func sentences(
        _ rankings: [Ranking], _ flips: Flips, _ count: Int, left: Int
    ) -> [String] {
        func mean(_ ranking: ErasureRanking) -> Double? {
            rankings.first { $0.ranking == ranking }.flatMap { NumberSummary($0.fractions).mean }
        }
        guard count > 0 else { return ["No text has two words, so that there is no order."] }
        var sentences: [String] = []
        if let attention = mean(.attention), let random = mean(.random),
            let product = mean(.product), let gradient = mean(.gradient)
        {
            let best = min(product, gradient)
            let verdict =
                best < attention - 0.01
                ? "not the best order"
                : best > attention + 0.01
                    ? "a better order than gradients" : "about as good an order as gradients"
            sentences.append(
                "Attention is \(verdict): where erasing weights changes the decision at all, it takes "
                    + "\(ReportFigures.percent(attention)) of the words on average by attention, "
                    + "\(ReportFigures.percent(gradient)) by the gradient, "
                    + "\(ReportFigures.percent(product)) by the product of both, and "
                    + "\(ReportFigures.percent(random)) in random order.")
        } else if rankings.allSatisfy(\.fractions.isEmpty) {
            sentences.append("No decision changes, whatever weights are erased.")
        } else {
            sentences.append(
                "By some of the orders no decision changes, so that they cannot be compared.")
        }
        sentences.append(
            "When one weight alone is erased, the decision changes in "
                + "\(ReportFigures.count(flips.both + flips.onlyLargest)) of "
                + "\(ReportFigures.count(count, "text")) for the largest weight, and in "
                + "\(ReportFigures.count(flips.both + flips.onlyOther)) for another one.")
        return sentences + ReportFigures.ofOneWord(left)
    }

    private func picture(
        _ rankings: [Ranking], _ singles: [Text.Single], _ context: ReportContext
    ) -> Picture {
        Picture(
            title: "Erasure: \(context.model), \(context.data)",
            summary:
                "Box plots of the share of weights that are erased until the decision changes, by "
                + "ranking; and how much further the largest weight moves the output than another one, "
                + "by how much larger it is.",
            panels: [
                Panel(
                    x: Axis("ranking"), y: Axis("erased share of the words", atLeast: 0...1),
                    layers: [
                        .distributions(
                            Distributions(
                                .boxes, categories: rankings.map(\.ranking.rawValue),
                                series: [.init("", values: rankings.map(\.fractions))]))
                    ]),
                Panel(
                    x: Axis("difference of the weights", atLeast: 0...1),
                    y: Axis("difference of the divergences", unit: "nats"),
                    layers: [
                        .scatter("", singles.map { .init($0.weight, $0.divergence) })
                    ]),
            ], columns: 2, panelSize: (520, 380))
    }
}
