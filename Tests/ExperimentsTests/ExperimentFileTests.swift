import Foundation
import TestSupport
import Testing
import Warrant

@Suite("An experiment's file")
struct ExperimentFileTests {
    private func file(_ text: String) throws -> ExperimentFile {
        try ExperimentFile(Array(text.utf8), path: "grid.json", folder: "/grids")
    }

    /// A file whose data set, and whose other members, have more than the least.
    private func text(data: String = "", _ rest: String = "") -> String {
        """
        {"data": [{"name": "a", "train": "a.tsv"}, {"name": "b", "train": "/b"\(data)}],
         "scorers": ["cls-attention"], "thresholders": ["top-k"]\(rest)}
        """
    }

    @Test func theLeastFileHasTheDefaultsOfTraining() throws {
        let file = try file(text())
        #expect(file.encoder == nil && file.controls.isEmpty && file.tagging == nil)
        #expect(file.data.map(\.train) == ["/grids/a.tsv", "/b"])
        let set = file.data[0]
        #expect(set.thresholders == [ThresholderSettings(.topK, ratio: 0.2)])
        #expect(set.seeds == [0] && set.recipe == ExperimentRecipe())
        #expect(set.dev == nil && set.test == nil && !set.testIsDev)
    }

    @Test func noHumanShareNeedsNoTagger() throws {
        #expect(try file(text(data: "", ", \"human_share\": 0")).tagging == nil)
    }

    @Test func dataSetsReplaceWhatTheFileSays() throws {
        let file = try file(
            text(
                data: """
                    , "dev": "d.csv", "test": "t.csv", "format": "csv", "text_column": "body",
                    "label_column": 2, "test_text_column": 1, "test_label_column": "3",
                    "scorers": ["random"], "ratios": [0.5], "seeds": [7], "recipe": {"epochs": 9, "stride": 40}
                    """,
                """
                , "encoder": "bert", "ratios": [0.1, 0.3], "seeds": [0, 1],
                "controls": ["first", "random"], "extractor": "tagger", "human_share": 0.25,
                "recipe": {"epochs": 2, "batch_size": 4, "learning_rate": 0.001, "precision": "auto"}
                """))
        #expect(file.encoder == "/grids/bert")
        #expect(file.controls == [.first, .random] && file.tagging?.humanShare == 0.25)
        #expect(file.data[0].seeds == [0, 1] && file.data[0].recipe.support.epochs == 2)
        #expect(file.data[0].thresholders.map(\.ratio) == [0.1, 0.3])
        let set = file.data[1]
        #expect(file.data[0].scorers == ["cls-attention"] && set.scorers == ["random"])
        #expect(set.seeds == [7] && set.thresholders.map(\.ratio) == [0.5])
        #expect(
            set.recipe.support.epochs == 9 && set.recipe.support.batchSize == 4
                && set.recipe.support.stride == 40)
        #expect(set.recipe.support.learningRate == 0.001 && set.recipe.precision == .auto)
        #expect(set.dev == "/grids/d.csv" && set.test == "/grids/t.csv")
        #expect(set.options.format == .csv && set.options.labelColumn == .number(2))
        #expect(set.options.textColumn == .name("body"))
        #expect(set.testOptions.textColumn == .number(1))
        #expect(set.testOptions.labelColumn == .number(3))
    }

    @Test func theClassifierIsTrainedAsTheRestButForWhatIsSaidOfIt() throws {
        let file = try file(
            text(
                data: """
                    , "recipe": {"epochs": 9, "classifier": {"warmup": 0.5, "maximum_length": 64,
                                                            "class_weights": "none"}}
                    """,
                """
                , "recipe": {"epochs": 2, "batch_size": 4, "maximum_length": 32, "stride": 20,
                             "class_weights": "balanced",
                             "classifier": {"batch_size": 8, "maximum_length": 48, "stride": 40}}
                """))
        let (common, own) = (file.data[0].recipe, file.data[1].recipe)
        #expect(common.support.batchSize == 4 && common.classifier.batchSize == 8)
        #expect(common.support.epochs == 2 && common.classifier.epochs == 2)
        #expect(common.support.classWeights == .balanced)
        #expect(common.classifier.classWeights == .balanced)
        #expect(own.support.classWeights == .balanced && own.classifier.classWeights == .none)
        #expect(common.support.stride == 20 && common.classifier.stride == 40)
        // Its own recipe goes before the common one, for the classifier as for the rest.
        #expect(own.support.epochs == 9 && own.classifier.epochs == 9)
        #expect(own.classifier.batchSize == 8 && own.classifier.warmup == 0.5)
        #expect(own.support.warmup == common.support.warmup && own.support.maximumLength == 32)
        // A stride goes with the length beside it.
        #expect(own.classifier.maximumLength == 64 && own.classifier.stride == nil)
        // …for the classifier's with that of texts, where it has no length of its own.
        let texts = try self.file(
            text(
                data: ", \"recipe\": {\"maximum_length\": 64}",
                ", \"recipe\": {\"classifier\": {\"stride\": 20}}"))
        #expect(texts.data.map(\.recipe.classifier.stride) == [20, nil])
        let plain = try self.file(text(data: "", ", \"recipe\": {\"epochs\": 2}")).data[0].recipe
        #expect(plain.classifier == plain.support)
    }

    @Test func aThresholderWithoutABudgetIsTakenWithEachRatio() throws {
        let file = try file(
            text().replacing(
                "[\"top-k\"]",
                with: """
                    ["sentences", {"thresholder": "global-top-k", "minimum_words": 3},
                     {"thresholder": "contiguous", "words": 4}, {"thresholder": "top-p", "mass": 0.5},
                     {"thresholder": "threshold", "cut_off": 0.1},
                     {"thresholder": "top-k", "ratio": 1}], "ratios": [0.1, 0.2]
                    """))
        #expect(
            file.data[0].thresholders == [
                ThresholderSettings(.sentences, ratio: 0.1),
                ThresholderSettings(.sentences, ratio: 0.2),
                ThresholderSettings(.globalTopK, ratio: 0.1, minimum: 3),
                ThresholderSettings(.globalTopK, ratio: 0.2, minimum: 3),
                ThresholderSettings(.contiguous, words: 4), ThresholderSettings(.topP, mass: 0.5),
                ThresholderSettings(.threshold, cutOff: 0.1),
                ThresholderSettings(.topK, ratio: 1),
            ])
    }

    /// What stands in the file, in place of what, and the error without the file's name.
    static let mistakes: [(part: String, mistake: String, error: String)] = [
        ("/b\"", "/b\", \"scorrers\": 1", "\"data[1].scorrers\": unknown key; known: name, "),
        ("\"scorers\"", "\"scorer\"", "\"scorer\": unknown key; known: encoder, data, "),
        ("\"scorers\": [\"cls-attention\"], ", "", "the key \"scorers\" is missing"),
        ("\"name\": \"a\", ", "", "\"data[0]\": the key \"name\" is missing"),
        ("\"a\"", "\"b\"", "\"data[1]\": the name \"b\" is given twice"),
        ("\"a.tsv\"", "3", "\"data[0].train\": expected a string, not 3"),
        (
            "\"/b\"", "\"b\", \"format\": \"tsb\"",
            "\"data[1].format\": unknown name \"tsb\"; choose "
        ),
        (
            "\"/b\"", "\"b\", \"test\": \"c\", \"test_is_dev\": true",
            "\"data[1].test\": goes without \"test_is_dev\""
        ),
        (
            "\"/b\"", "\"b\", \"label_column\": 0",
            "\"data[1].label_column\": expected a number from 1 to 1048576, not 0"
        ),
        (
            "\"/b\"", "\"b\", \"recipe\": {\"epochs\": 0.5}",
            "\"data[1].recipe.epochs\": expected a whole number, not 0.5"
        ),
        ("[\"cls-attention\"]", "[]", "\"scorers\": expected at least one element"),
        ("\"cls-attention\"", "\"cls\"", "\"scorers[0]\": unknown scorer \"cls\"; choose one of: "),
        (
            "[\"cls-attention\"]", "[\"cls-attention\", \"cls-attention\"]",
            "\"scorers[1]\": is given twice"
        ),
        ("[\"top-k\"]", "\"top-k\"", "\"thresholders\": expected an array, not \"top-k\""),
        ("\"top-k\"", "\"top\"", "\"thresholders[0]\": unknown name \"top\"; choose one of: top-k"),
        ("\"top-k\"", "\"top-p\"", "\"thresholders[0]\": the thresholder top-p needs mass"),
        (
            "\"top-k\"", "{\"thresholder\": \"top-k\", \"mass\": 0.5}",
            "\"thresholders[0]\": the thresholder top-k takes no mass"
        ),
        (
            "\"top-k\"", "{\"thresholder\": \"global-top-k\", \"ratio\": 0.2, \"cut_off\": 1}",
            "\"thresholders[0]\": the thresholder global-top-k takes either a ratio"
        ),
        (
            "[\"top-k\"]", "[\"top-k\", {\"thresholder\": \"top-k\", \"ratio\": 0.2}]",
            "\"data[0]\": the thresholder top-k, ratio 0.2 is given twice"
        ),
        (
            "[\"top-k\"]", "[\"top-k\"], \"ratios\": [0]",
            "\"ratios[0]\": expected a share of the words, above 0"
        ),
        (
            "[\"top-k\"]", "[\"top-k\"], \"seeds\": [-1]",
            "\"seeds[0]\": expected a number from 0 to 9007199254740992, not -1"
        ),
        (
            "[\"top-k\"]", "[\"top-k\"], \"controls\": [\"last\"]",
            "\"controls[0]\": unknown name \"last\"; choose one of: random, first, remaining"
        ),
        (
            "[\"top-k\"]", "[\"top-k\"], \"human_share\": 0.5",
            "\"human_share\": goes with \"extractor\": \"tagger\""
        ),
        (
            "[\"top-k\"]", "[\"top-k\"], \"recipe\": {\"learning_rate\": 0}",
            "\"recipe.learning_rate\": expected a number above 0"
        ),
        (
            "[\"top-k\"]", "[\"top-k\"], \"recipe\": {\"class_weights\": \"even\"}",
            "\"recipe.class_weights\": unknown name \"even\"; choose one of: none, balanced"
        ),
        (
            "[\"top-k\"]", "[\"top-k\"], \"recipe\": {\"classifier\": {\"epochs\": 0}}",
            "\"recipe.classifier.epochs\": expected a number from 1 to 1000, not 0"
        ),
        (
            "[\"top-k\"]", "[\"top-k\"], \"recipe\": {\"classifier\": {\"precision\": \"fp32\"}}",
            "\"recipe.classifier.precision\": unknown key; known: epochs, batch_size, "
        ),
    ]

    @Test(arguments: mistakes) func aMistakeIsToldWithItsPlace(
        _ mistake: (part: String, mistake: String, error: String)
    ) throws {
        let wrong = text().replacing(mistake.part, with: mistake.mistake)
        #expect(wrong != text())
        let error = #expect(throws: WarrantError.self) { try file(wrong) }
        #expect(error?.kind == .badData)
        #expect(
            error?.description.hasPrefix("grid.json: \(mistake.error)") == true,
            "\(error?.description ?? "")")
    }

    @Test func whatIsNotJSONIsToldWithItsLine() {
        for (text, place) in [("{\n\"data\": [1,\n x]}", "grid.json:3: "), ("[]", "grid.json: ")] {
            let error = #expect(throws: WarrantError.self) { try file(text) }
            #expect(error?.description.hasPrefix(place) == true, "\(error?.description ?? "")")
        }
    }

    @Test func aKeyThatIsGivenTwiceIsAnErrorWithItsLine() {
        for (mistake, error) in [
            (#""top-k"], "seeds": [0],\n"seeds": [1]"#, "grid.json:3: \"seeds\" is given twice"),
            (
                #""top-k"], "recipe": {"epochs": 5, "epochs": 3}"#,
                "grid.json:2: \"epochs\" is given twice"
            ),
        ] {
            let wrong = text().replacing(
                #""top-k"]"#, with: mistake.replacing("\\n", with: "\n"))
            let thrown = #expect(throws: WarrantError.self) { try file(wrong) }
            #expect(thrown?.description.hasPrefix(error) == true, "\(thrown?.description ?? "")")
        }
    }

    @Test func aMissingFileIsToldWithItsPlace() throws {
        let folder = try TemporaryFolder()
        try folder.file("a.tsv", "text\tlabel\n")
        let path = try folder.file(
            "grid.json", text(data: ", \"dev\": \"a.tsv\"").replacing("/b", with: "nowhere.tsv"))
        let error = #expect(throws: WarrantError.self) { try ExperimentFile(path: path) }
        #expect(error?.kind == .missingInput)
        #expect(
            error?.description.hasPrefix(
                "\(path): \"data[1].train\": there is no \(folder.path)/nowhere.tsv") == true)
    }
}
