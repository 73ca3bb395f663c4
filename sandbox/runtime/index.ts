import { EcsController } from "../cloud/ecs-controller.ts";
import type { Inner, Part } from "../cloud/index.ts";
import { type StopOptions, TaskRunner } from "./task-runner.ts";

/**
 * Runs the tasks of ECS as processes of this machine, and the controller that keeps services as they should be.
 *
 * @example
 * const part = await startRuntime(cloud);
 * await part.close(true); // ends all tasks
 */
export async function startRuntime(cloud: Inner): Promise<Part> {
  const runner = new TaskRunner(cloud);
  const controller = new EcsController(cloud, runner);
  const begin = (news: { taskArn: string }) => runner.begin(news.taskArn);
  const stop = (news: { taskArn: string; reason: string; code: StopOptions["code"] }) =>
    runner.stop(news.taskArn, { ...news, failure: false });
  cloud.events.on("ecs-task-begin", begin);
  cloud.events.on("ecs-task-stop", stop);
  await runner.recover();
  controller.start();
  cloud.autoscaling.start();
  return {
    async close(final) {
      cloud.autoscaling.stop();
      controller.stop();
      cloud.events.off("ecs-task-begin", begin);
      cloud.events.off("ecs-task-stop", stop);
      await runner.close(final);
    },
    status: () =>
      cloud.ecs
        .tasks()
        .filter((task) => task.lastStatus !== "STOPPED")
        .map(({ taskArn, group, lastStatus, ip, containers }) => ({
          taskArn,
          group,
          lastStatus,
          ip,
          processes: containers.flatMap((each) => (each.ref === undefined ? [] : [each.ref.pid])),
        })),
  };
}
