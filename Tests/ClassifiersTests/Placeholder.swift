import Testing
@Test func placeholderClassifiers() {}
