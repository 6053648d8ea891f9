import { Fragment, type ReactNode } from 'react';
import type { ReportNode } from '../../client/types';
import { signOf } from '../../format/money';
import { Money } from '../../ui/Money';

export interface ReportSection {
  title: string;
  nodes: ReportNode[];
  total: { label: string; amount: string };
}

interface ReportTableProps {
  caption: string;
  currency: string;
  sections: ReportSection[];
  /** Stands where a section has no lines. */
  emptyText: string;
  /** The bottom line, under a double rule. */
  result: { label: string; amount: string };
}

/** A financial statement: groups indented by level, a rule above each subtotal, a double rule under the last line. */
export function ReportTable({ caption, currency, sections, emptyText, result }: ReportTableProps): ReactNode {
  return (
    <table className="ol-table ol-report">
      <caption className="ol-hidden">{caption}</caption>
      <thead className="ol-hidden">
        <tr>
          <th scope="col">Ledger account</th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      {sections.map(({ title, nodes, total }) => (
        <tbody key={title}>
          <tr className="ol-report-title">
            <th scope="rowgroup" colSpan={2}>
              {title}
            </th>
          </tr>
          {visible(nodes).map((node) => (
            <NodeRows key={node.id} node={node} depth={1} currency={currency} />
          ))}
          {visible(nodes).length === 0 ? (
            <tr>
              <td className="ol-muted" colSpan={2}>
                {emptyText}
              </td>
            </tr>
          ) : null}
          <TotalRow {...total} currency={currency} kind="section" />
        </tbody>
      ))}
      <tbody>
        <TotalRow {...result} currency={currency} kind="result" />
      </tbody>
    </table>
  );
}

function NodeRows({ node, depth, currency }: { node: ReportNode; depth: number; currency: string }): ReactNode {
  const children = visible(node.children);
  const indent = { paddingInlineStart: `${String(depth * 1.25)}em` };
  if (children.length === 0) {
    return (
      <tr>
        <th scope="row" style={indent}>
          {node.name}
        </th>
        <td className="ol-number">
          <Money amount={node.balanceDecimal} currency={currency} look="accounting" />
        </td>
      </tr>
    );
  }
  return (
    <Fragment>
      <tr className="ol-report-group">
        <th scope="row" style={indent}>
          {node.name}
        </th>
        <td />
      </tr>
      {children.map((child) => (
        <NodeRows key={child.id} node={child} depth={depth + 1} currency={currency} />
      ))}
      <tr className="ol-report-total" data-kind="group">
        <th scope="row" style={indent}>
          Total {node.name}
        </th>
        <td className="ol-number">
          <Money amount={node.balanceDecimal} currency={currency} look="accounting" />
        </td>
      </tr>
    </Fragment>
  );
}

interface TotalRowProps {
  label: string;
  amount: string;
  currency: string;
  kind: 'section' | 'result';
}

function TotalRow({ label, amount, currency, kind }: TotalRowProps): ReactNode {
  return (
    <tr className="ol-report-total" data-kind={kind}>
      <th scope="row">{label}</th>
      <td className="ol-number">
        <Money amount={amount} currency={currency} look="accounting" />
      </td>
    </tr>
  );
}

/** Accounts that never moved say nothing; a group stays if anything in it does. */
function visible(nodes: ReportNode[]): ReportNode[] {
  return nodes.filter((node) => signOf(node.balanceDecimal) !== 0 || visible(node.children).length > 0);
}
