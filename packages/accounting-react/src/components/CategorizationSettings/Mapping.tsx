import { useState, type ReactNode } from 'react';
import type { Category, MappedKind } from '../../client/types';
import { useCategoryMapping } from '../../hooks/categorization';
import { useCategories } from '../../hooks/resources';
import { useChange, type Change } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { Announcer, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading } from '../../ui/Surface';
import { CategoryPicker } from '../TransactionTable/CategoryPicker';

/** Where each kind of transaction is booked: choose another ledger account, or the template's again. */
export function Mapping({ headingLevel }: { headingLevel: number }): ReactNode {
  const { data, error, isLoading, refetch } = useCategoryMapping();
  const categories = useCategories().data?.categories ?? [];
  const [sought, setSought] = useState('');
  const deed = useChange('categorization.mapping');
  const words = sought.trim().toLowerCase();
  const found = (data?.mapping ?? []).filter(({ name, code, categoryName }) =>
    `${name} ${code} ${categoryName ?? ''}`.toLowerCase().includes(words),
  );
  return (
    <section className="ol-card" data-slot="ol-mapping">
      <Heading level={headingLevel} className="ol-subtitle">
        Where each kind belongs
      </Heading>
      <Announcer>{deed.said}</Announcer>
      {isLoading ? <Skeleton rows={4} label="Loading where each kind belongs" /> : null}
      {error === undefined ? null : <ErrorNote title="It could not be loaded" error={error} onRetry={refetch} />}
      {deed.error === undefined ? null : <ErrorNote title="It could not be saved" error={deed.error} />}
      {data === undefined ? null : (
        <>
          <TextField label="Find a kind or an account" type="search" value={sought} onChange={setSought} />
          <div className="ol-scroll">
            <table className="ol-table">
              <caption className="ol-hidden">Kinds of transactions and their ledger accounts</caption>
              <thead>
                <tr>
                  <th scope="col">Kind</th>
                  <th scope="col">Ledger account</th>
                  <th scope="col">
                    <span className="ol-hidden">What else to do</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.map((kind) => (
                  <Kind key={kind.code} {...{ kind, categories, deed }} />
                ))}
              </tbody>
            </table>
          </div>
          {found.length === 0 ? <p className="ol-muted">Nothing is called that.</p> : null}
        </>
      )}
    </section>
  );
}

function Kind({ kind, categories, deed }: { kind: MappedKind; categories: Category[]; deed: Change }): ReactNode {
  const { client, entityId } = useOpenLedger().session;
  const { code, name, categoryId, categoryName, isDefault } = kind;
  const move = (to: string | null, said: string): void => {
    const body = { mapping: [{ code, categoryId: to }] };
    void deed.run(
      () => client.call('put', '/v1/categorization/mapping', { query: { entityId }, body }),
      () => said,
    );
  };
  return (
    <tr>
      <th scope="row">
        {name} {isDefault ? null : <Badge>Yours</Badge>}
      </th>
      <td>
        <CategoryPicker
          label={`Ledger account for ${name}`}
          categories={categories}
          direction={code.startsWith('INCOME') ? 'in' : 'out'}
          selected={categoryId === null ? null : { id: categoryId, name: categoryName ?? '' }}
          placeholder="None in this chart"
          onSelect={(chosen) => {
            move(chosen.id, `${name} goes to ${chosen.name} from now on.`);
          }}
        />
      </td>
      <td>
        {isDefault ? null : (
          <Button
            look="quiet"
            isBusy={deed.isBusy}
            aria-label={`Back to the template for ${name}`}
            onClick={() => {
              move(null, `${name} goes where the template says.`);
            }}
          >
            Back to the template
          </Button>
        )}
      </td>
    </tr>
  );
}
