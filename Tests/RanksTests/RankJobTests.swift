import Testing

@testable import Ranks

/// What the environment tells of the job that a process belongs to.
@Suite struct RankJobTests {
  @Test func processesByThemselvesBelongToNone() {
    #expect(RankJob(environment: [:]) == nil)
    #expect(RankJob(environment: ["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"]) == nil)
    #expect(RankJob(environment: ["OMPI_COMM_WORLD_SIZE": "two", "OMPI_COMM_WORLD_RANK": "0"]) == nil)
    #expect(RankJob(environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "2"]) == nil)
  }

  @Test func mpirunNumbersThem() throws {
    let job = try #require(
      RankJob(environment: [
        "OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_RANK": "5", "OMPI_COMM_WORLD_LOCAL_SIZE": "4",
      ]))
    #expect((job.launcher, job.index, job.count, job.onHost) == ("mpirun", 5, 8, 4))
    #expect(job.threads(processors: 16) == 4)
    #expect(job.threads(processors: 2) == 1)
  }

  /// A batch script has SLURM_NTASKS too, without being one of the tasks.
  @Test func srunNumbersThemAndBatchScriptsAreNone() throws {
    let script = ["SLURM_NTASKS": "4", "SLURM_PROCID": "0"]
    #expect(RankJob(environment: script) == nil)
    let step = [
      "SLURM_STEP_NUM_TASKS": "7", "SLURM_PROCID": "6", "SLURM_NODEID": "2",
      "SLURM_STEP_TASKS_PER_NODE": "2(x2),3",
    ]
    let job = try #require(RankJob(environment: script.merging(step) { $1 }))
    #expect((job.launcher, job.index, job.count, job.onHost) == ("srun", 6, 7, 3))
  }

  @Test(arguments: [("4", 0, 4), ("2(x2),3", 1, 2), ("2(x2),3", 2, 3), ("1,5(x3)", 3, 5)])
  func tasksOfANode(text: String, node: Int, count: Int) {
    #expect(RankJob.tasks(onNode: node, in: text) == count)
  }

  @Test func nodesThatAreNotNamedHaveUnknownTasks() {
    #expect(RankJob.tasks(onNode: 2, in: "4(x2)") == nil)
    #expect(RankJob.tasks(onNode: 0, in: "many") == nil)
  }
}
