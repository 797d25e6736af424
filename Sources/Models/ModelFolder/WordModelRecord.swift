extension TrainingRecord {
    /// An encoder of words with attention that learned from the beginning.
    public struct WordModel: Codable, Sendable, Equatable {
        /// How words are scored: `tanh` or `dot`.
        public var attention: String
        /// Where word embeddings came from.
        public var embeddings: String
        /// How wide they are.
        public var embeddingSize: Int
        /// How wide states are, of an LSTM in each direction.
        public var hiddenSize: Int
        /// In how many training texts a word stands that is known.
        public var minimumDocuments: Int
        /// How many words are known.
        public var vocabulary: Int
        /// The metric by which epochs were chosen.
        public var epochChosenBy: String

        package init(
            attention: String, embeddings: String, embeddingSize: Int, hiddenSize: Int,
            minimumDocuments: Int, vocabulary: Int, epochChosenBy: String
        ) {
            self.attention = attention
            self.embeddings = embeddings
            self.embeddingSize = embeddingSize
            self.hiddenSize = hiddenSize
            self.minimumDocuments = minimumDocuments
            self.vocabulary = vocabulary
            self.epochChosenBy = epochChosenBy
        }

        enum CodingKeys: String, CodingKey {
            case attention, embeddings, vocabulary
            case embeddingSize = "embedding_size"
            case hiddenSize = "hidden_size"
            case minimumDocuments = "minimum_documents"
            case epochChosenBy = "epoch_chosen_by"
        }
    }
}
