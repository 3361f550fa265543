import { useState } from "preact/hooks";

import { jobStates, type Jobs, type JobStateName } from "../../../src/admin/contract.js";
import { messageOf } from "../api/problem-error.js";
import { change } from "../api/request.js";
import { Button } from "../components/button.js";
import { Card } from "../components/card.js";
import { showToast } from "../state/toasts.js";
import { JobsTable, SchedulesTable } from "./jobs-tables.js";
import { Answered, usePolled } from "./polled.js";

/** The jobs of all processes: those in one state, and the schedules. */
export function JobsTab() {
  const [state, setState] = useState<JobStateName>("failed");
  const polled = usePolled<Jobs>(`/api/admin/jobs?state=${state}`, 2_000);

  async function redrive(path: string): Promise<void> {
    try {
      const { redriven } = await change<{ redriven: number }>("POST", `/api/admin/jobs/${path}`);
      showToast(redriven === 1 ? "One job waits again" : `${redriven} jobs wait again`);
    } catch (error) {
      showToast(messageOf(error), { tone: "error" });
    }
    await polled.reload();
  }

  const retryAll = (failed: number) => (
    <Button small icon="retry" disabled={failed === 0} onClick={() => void redrive("redrive")}>
      Retry all that failed
    </Button>
  );
  return (
    <Answered by={polled}>
      {({ counts, jobs, schedules }) => (
        <>
          <Card title="Jobs" aside={retryAll(counts.failed)}>
            <div class="row chips" role="group" aria-label="State">
              {jobStates.map((each) => (
                <Button
                  key={each}
                  small
                  variant={each === state ? "primary" : "plain"}
                  aria-pressed={each === state}
                  onClick={() => setState(each)}
                >
                  {each} <span class="number">{counts[each]}</span>
                </Button>
              ))}
            </div>
            <JobsTable
              jobs={jobs}
              retry={(id) => void redrive(`${encodeURIComponent(id)}/retry`)}
            />
          </Card>
          <Card title="Schedules">
            <SchedulesTable schedules={schedules} />
          </Card>
        </>
      )}
    </Answered>
  );
}
