import type { Health, HealthCheck } from "../../../src/admin/contract.js";
import { Card } from "../components/card.js";
import { Answered, usePolled } from "./polled.js";
import { Table } from "./table.js";

/** What each service says of itself, in the process that answers. */
export function HealthTab() {
  const health = usePolled<Health>("/api/admin/health", 2_000);
  return (
    <Answered by={health}>
      {({ status, checks }) => (
        <Card title="All together" aside={<State of={status} />}>
          <Table label="Health by service" columns={["Service", "State", "Details"]}>
            {Object.entries(checks).map(([name, check]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <State of={check.status} />
                </td>
                <td>{words(check)}</td>
              </tr>
            ))}
          </Table>
        </Card>
      )}
    </Answered>
  );
}

function State({ of: status }: { readonly of: Health["status"] }) {
  return <span class={`state state-${status}`}>{status}</span>;
}

function words({ message, details = {} }: HealthCheck): string {
  const pairs = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  return [message, ...pairs].filter((each) => each !== undefined).join(" · ");
}
