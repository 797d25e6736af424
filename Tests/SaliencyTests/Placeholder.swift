import Testing
@Test func placeholderSaliency() {}
