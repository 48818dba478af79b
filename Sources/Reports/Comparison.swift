/// What a page shows of several runs side by side.
public struct Comparison: Encodable, Hashable, Sendable {
  /// A table of texts.
  public struct Table: Encodable, Hashable, Sendable {
    /// A row.
    public struct Row: Encodable, Hashable, Sendable {
      /// What the row is about.
      public var head: String
      /// A text for each further column.
      public var cells: [String]
      /// Whether the row is to be noticed.
      public var isMarked: Bool

      /// Gathers a row.
      public init(head: String, cells: [String], isMarked: Bool = false) {
        (self.head, self.cells, self.isMarked) = (head, cells, isMarked)
      }
    }

    /// What the table says.
    public var title: String
    /// Headings of the columns, that of the rows' heads first.
    public var heads: [String]
    /// The rows.
    public var rows: [Row]
    /// Remarks below the table.
    public var notes: [String]

    /// Gathers a table.
    public init(title: String, heads: [String], rows: [Row], notes: [String] = []) {
      (self.title, self.heads, self.rows, self.notes) = (title, heads, rows, notes)
    }
  }

  /// What is said above the tables.
  public var remark: String
  /// The tables.
  public var tables: [Table]
  /// One chart for each number that several runs report, a curve for each run.
  public var charts: [Chart]

  /// Gathers a comparison.
  public init(remark: String, tables: [Table], charts: [Chart]) {
    (self.remark, self.tables, self.charts) = (remark, tables, charts)
  }
}
