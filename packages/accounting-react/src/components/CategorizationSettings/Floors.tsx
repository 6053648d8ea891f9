import { useState, type ReactNode } from 'react';
import type { CategorizationSettings } from '../../client/types';
import { useCategorizationSettings } from '../../hooks/categorization';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { Announcer, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading } from '../../ui/Surface';

const PERCENT = 100;

interface Draft {
  autoPost: string;
  suggest: string;
}

/** From how sure on a machine's choice is booked unseen, and shown as a suggestion. */
export function Floors({ headingLevel }: { headingLevel: number }): ReactNode {
  const { data, error, isLoading, refetch } = useCategorizationSettings();
  return (
    <section className="ol-card" data-slot="ol-floors">
      <Heading level={headingLevel} className="ol-subtitle">
        How sure is sure enough
      </Heading>
      {isLoading ? <Skeleton rows={2} label="Loading how sure is sure enough" /> : null}
      {error === undefined ? null : <ErrorNote title="It could not be loaded" error={error} onRetry={refetch} />}
      {data === undefined ? null : <FloorsForm key={JSON.stringify(data)} settings={data} />}
    </section>
  );
}

function FloorsForm({ settings }: { settings: CategorizationSettings }): ReactNode {
  const { client, entityId } = useOpenLedger().session;
  const { defaults } = settings;
  const [draft, setDraft] = useState<Draft>({
    autoPost: percentOf(settings.autoPostFloor),
    suggest: percentOf(settings.suggestFloor),
  });
  const deed = useChange('categorization.settings');
  const autoPostFloor = shareOf(draft.autoPost, 50);
  const suggestFloor = shareOf(draft.suggest, 0);
  const isSound = autoPostFloor !== undefined && suggestFloor !== undefined;
  const save = async (floors: { autoPostFloor: number | null; suggestFloor: number | null }): Promise<void> => {
    await deed.run(
      () => client.call('put', '/v1/categorization/settings', { query: { entityId }, body: floors }),
      () => 'Saved.',
    );
  };
  return (
    <form
      className="ol-floors"
      aria-label="How sure is sure enough"
      onSubmit={(event) => {
        event.preventDefault();
        if (isSound) void save({ autoPostFloor, suggestFloor });
      }}
    >
      <Announcer>{deed.said}</Announcer>
      <div className="ol-fields">
        <TextField
          label="Book unseen from (%)"
          inputMode="decimal"
          value={draft.autoPost}
          placeholder={`${percentOf(defaults.autoPostFloor)}, the model ${percentOf(defaults.autoPostFloorModel)}`}
          fault={autoPostFloor === undefined ? 'From 50 to 100, or empty' : undefined}
          onChange={(autoPost) => {
            setDraft({ ...draft, autoPost });
          }}
        />
        <TextField
          label="Suggest from (%)"
          inputMode="decimal"
          value={draft.suggest}
          placeholder={percentOf(defaults.suggestFloor)}
          fault={suggestFloor === undefined ? 'From 0 to 100, or empty' : undefined}
          onChange={(suggest) => {
            setDraft({ ...draft, suggest });
          }}
        />
      </div>
      <p className="ol-small">
        Left empty, what was measured holds: {percentOf(defaults.autoPostFloor)} % to book,{' '}
        {percentOf(defaults.autoPostFloorModel)} % for the model alone, {percentOf(defaults.autoPostFloorMemory)} % for
        earlier choices, {percentOf(defaults.suggestFloor)} % to suggest. At 100 % nothing is booked unseen but what
        rules say.
      </p>
      {deed.error === undefined ? null : <ErrorNote title="It could not be saved" error={deed.error} />}
      <div className="ol-buttons">
        <Button type="submit" look="primary" isBusy={deed.isBusy || !isSound}>
          Save
        </Button>
        <Button
          isBusy={deed.isBusy || (settings.autoPostFloor === null && settings.suggestFloor === null)}
          onClick={() => void save({ autoPostFloor: null, suggestFloor: null })}
        >
          As measured
        </Button>
      </div>
    </form>
  );
}

function percentOf(share: number | null): string {
  return share === null ? '' : String(Math.round(share * PERCENT * PERCENT) / PERCENT);
}

/** The share that a typed percentage is; null if nothing is typed, undefined if it is none from `least` to 100. */
function shareOf(typed: string, least: number): number | null | undefined {
  const text = typed.trim().replace(',', '.');
  if (text === '') return null;
  const percent = /^\d{1,3}(\.\d{1,2})?$/.test(text) ? Number(text) : NaN;
  return percent >= least && percent <= PERCENT ? percent / PERCENT : undefined;
}
