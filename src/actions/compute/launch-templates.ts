/** The actions on launch templates as a whole. */
import type { LaunchTemplate } from '../../model/compute.ts';
import { launchTemplateNamed } from '../../model/lookups/compute.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf, tagFilters } from '../describe.ts';
import { optionalString, optionalStructure, stringOf, stringsOf } from '../input.ts';
import { findRows } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import {
  emptyTemplate,
  malformedTemplateName,
  noTemplateOfName,
  templateNameTaken,
} from './compute-errors.ts';
import { TEMPLATE_DATA, templateShape } from './launch-template-shapes.ts';
import { findTemplate, findVersion } from './launch-template-use.ts';
import { LAUNCH_TEMPLATE_VERSION_ACTIONS } from './launch-template-versions.ts';

const NAME = /^[a-zA-Z0-9().\-/_]{3,128}$/;

function createLaunchTemplate(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs } = context;
  const tags = tagsFor(input, 'launch-template');
  const name = stringOf(input, 'LaunchTemplateName');
  if (!NAME.test(name)) throw malformedTemplateName(name);
  if (launchTemplateNamed(draft.snapshot, name) !== undefined) throw templateNameTaken();
  const data = optionalStructure(input, 'LaunchTemplateData') ?? {};
  if (Object.keys(data).length === 0) throw emptyTemplate();
  const launchTemplateId = newId('lt');
  const template: LaunchTemplate = {
    launchTemplateId,
    name,
    createTimeMs: nowMs,
    defaultVersion: 1,
    latestVersion: 1,
    versions: [
      {
        versionNumber: 1,
        description: optionalString(input, 'VersionDescription') ?? null,
        createTimeMs: nowMs,
        data,
      },
    ],
    tags,
  };
  draft.put('launchTemplates', launchTemplateId, template);
  return { LaunchTemplate: templateShape(template, draft.snapshot) };
}

/** The one thing that changes is which version is the default. */
function modifyLaunchTemplate(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const template = findTemplate(input, draft.snapshot);
  const version = findVersion(template, stringOf(input, 'DefaultVersion'));
  const changed: LaunchTemplate = { ...template, defaultVersion: version.versionNumber };
  draft.put('launchTemplates', template.launchTemplateId, changed);
  return { LaunchTemplate: templateShape(changed, draft.snapshot) };
}

/** Instances that were launched from it stay as they are. */
function deleteLaunchTemplate(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const template = findTemplate(input, draft.snapshot);
  draft.delete('launchTemplates', template.launchTemplateId);
  return { LaunchTemplate: templateShape(template, draft.snapshot) };
}

const TEMPLATE_FILTERS: Filters<LaunchTemplate> = {
  'create-time': (template) => [new Date(template.createTimeMs).toISOString()],
  'launch-template-name': (template) => [template.name],
};

function chosenTemplates(input: ActionInput, snapshot: Snapshot): readonly LaunchTemplate[] {
  const ids = stringsOf(input, 'LaunchTemplateIds');
  const names = stringsOf(input, 'LaunchTemplateNames');
  if (ids.length + names.length === 0) return [...snapshot.launchTemplates.values()];
  const named = names.map((name) => {
    const template = launchTemplateNamed(snapshot, name);
    if (template === undefined) throw noTemplateOfName();
    return template;
  });
  return [...new Set([...findRows(snapshot.launchTemplates, 'lt', ids), ...named])];
}

function describeLaunchTemplates(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const filters = { ...tagFilters<LaunchTemplate>(input), ...TEMPLATE_FILTERS };
  const chosen = filterRows(chosenTemplates(input, snapshot), filters, input, snapshot);
  const { rows, nextToken } = pageOf(chosen, input);
  const shapes = rows.map((template) => templateShape(template, snapshot));
  return { LaunchTemplates: shapes, NextToken: nextToken };
}

const NAMED = { LaunchTemplateId: 'string', LaunchTemplateName: 'string' } as const;

export const LAUNCH_TEMPLATE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateLaunchTemplate',
    parameters: {
      LaunchTemplateName: 'string',
      VersionDescription: 'string',
      LaunchTemplateData: TEMPLATE_DATA,
      ClientToken: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['LaunchTemplateName', 'LaunchTemplateData'],
    perform: createLaunchTemplate,
  },
  {
    name: 'ModifyLaunchTemplate',
    parameters: { ...NAMED, DefaultVersion: 'string', ClientToken: 'string' },
    required: ['DefaultVersion'],
    perform: modifyLaunchTemplate,
  },
  {
    name: 'DeleteLaunchTemplate',
    parameters: NAMED,
    required: [],
    perform: deleteLaunchTemplate,
  },
  {
    name: 'DescribeLaunchTemplates',
    parameters: {
      ...PAGE_PARAMETERS,
      LaunchTemplateIds: ['string'],
      LaunchTemplateNames: ['string'],
    },
    required: [],
    perform: describeLaunchTemplates,
  },
  ...LAUNCH_TEMPLATE_VERSION_ACTIONS,
];
