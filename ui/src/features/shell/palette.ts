// What the command palette offers, and how it is searched.
import type { OverviewItem } from '../../api/types.ts';
import { link } from '../../routes.ts';
import { t } from '../../words/words.ts';

export type Command = { title: string; detail: string; to: string; /** Found by these words too. */ words?: string };

export function pageCommands(): Command[] {
  return [
    { title: t('nav-data-sets'), detail: 'g d', to: link('overview') },
    { title: t('upload-title'), detail: 'g u', to: link('upload') },
    { title: t('nav-jobs'), detail: 'g j', to: link('jobs') },
    { title: t('nav-api'), detail: '', to: '/apidocs/' },
  ];
}

export function dataSetCommands(items: OverviewItem[]): Command[] {
  return items.map(({ data_set, formula }) => ({
    title: data_set.name,
    detail: formula?.formula?.text ?? data_set.description,
    words: data_set.description,
    to: link('data-set', { id: data_set.id }),
  }));
}

/** Commands that contain every word of the text; those whose title begins with it first. */
export function found(commands: Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = commands.filter(({ title, detail, words: also = '' }) => {
    const all = `${title} ${detail} ${also}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const begins = (command: Command) => command.title.toLowerCase().startsWith(text.trim().toLowerCase());
  return hits.toSorted((a, b) => Number(begins(b)) - Number(begins(a))).slice(0, 12);
}
