/** The reads about how bank transactions are judged, one hook each. */
import type { Answer } from '../client/call';
import type {
  CategorizationRun,
  CategorizationSettings,
  CategorizationStatistics,
  MappedKind,
  Rule,
  RuleSuggestion,
} from '../client/types';
import { useOpenLedger } from '../provider/context';
import { useResource, type Resource } from './useResource';

/** Rules in the order in which they are asked, disabled ones included. */
export function useRules(): Resource<{ rules: Rule[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/rules', { entityId });
}

/** Rules worth making, the most corrected counterparty first. */
export function useRuleSuggestions(): Resource<{ suggestions: RuleSuggestion[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/rules/suggestions', { entityId });
}

/** The last runs that changed many categories together, newest first. */
export function useCategorizationRuns(): Resource<{ runs: CategorizationRun[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/categorization/runs', { entityId, pageSize: 10 });
}

/** What waits for a person, by counterparty, the largest groups first; `pageSize` is 1 to 100 groups. */
export function useReviewQueue(pageSize: number): Resource<Answer<'get', '/v1/review'>> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/review', { entityId, pageSize });
}

/** How much machines decide by themselves, and how often people correct them. */
export function useCategorizationStatistics(): Resource<CategorizationStatistics> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/categorization/statistics', { entityId });
}

/** From how sure on a machine's choice is booked, and shown. */
export function useCategorizationSettings(): Resource<CategorizationSettings> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/categorization/settings', { entityId });
}

/** Where each kind of transaction is booked, ordered by code. */
export function useCategoryMapping(): Resource<{ mapping: MappedKind[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/categorization/mapping', { entityId });
}
