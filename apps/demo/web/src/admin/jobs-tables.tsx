import type { JobRow, ScheduleRow } from "../../../src/admin/contract.js";
import { Button } from "../components/button.js";
import { dayAndTime } from "./format.js";
import { Table } from "./table.js";

interface JobsTableProps {
  readonly jobs: readonly JobRow[];
  readonly retry: (id: string) => void;
}

export function JobsTable({ jobs, retry }: JobsTableProps) {
  if (jobs.length === 0) return <p class="muted">There are none.</p>;
  const columns = ["Job", "Payload", "Added", "Failures", "Last error", "Retry"];
  return (
    <Table label="Jobs in this state" columns={columns}>
      {jobs.map(({ id, name, payload, addedAt, failures, attempts, error = "", state }) => (
        <tr key={id}>
          <th scope="row">{name}</th>
          <td class="mono">{payload}</td>
          <td class="number">{dayAndTime(addedAt)}</td>
          <td class="number">
            {failures} of {attempts}
          </td>
          <td>{error}</td>
          <td>
            {state === "failed" && (
              <Button small aria-label={`Retry ${name} ${payload}`} onClick={() => retry(id)}>
                Retry
              </Button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function SchedulesTable({ schedules }: { readonly schedules: readonly ScheduleRow[] }) {
  if (schedules.length === 0) return <p class="muted">There are none.</p>;
  return (
    <Table label="What runs when" columns={["Schedule", "Job", "When", "Next"]}>
      {schedules.map(({ key, name, when, nextAt }) => (
        <tr key={key}>
          <th scope="row">{key}</th>
          <td>{name}</td>
          <td>{when}</td>
          <td class="number">{dayAndTime(nextAt)}</td>
        </tr>
      ))}
    </Table>
  );
}
