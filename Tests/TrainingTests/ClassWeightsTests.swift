import Testing
import Warrant

@Suite struct ClassWeightsTests {
    @Test func balancedClassesCountTheSameAndTheMeanIsOne() {
        let classes = [0, 0, 0, 0, 0, 0, 1, 1, 3]
        let weights = ClassWeights.balanced.weights(of: classes, count: 4)
        // n / (k · n_c): 9 documents in 3 classes that have any.
        #expect(weights == [0.5, 1.5, 1, 3])
        #expect(classes.reduce(0) { $0 + weights[$1] } == 9)
        #expect(ClassWeights.none.weights(of: classes, count: 4) == [1, 1, 1, 1])
    }
}
