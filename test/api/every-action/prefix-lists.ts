/** Prefix lists. */
import { NO_ONE } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const PrefixListId = ref('list.PrefixList.PrefixListId');
const NO_LIST = `pl-${NO_ONE}`;
const NEW = { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 5, ClientToken: 'pl' };

const lists: Story = {
  title: 'prefix lists',
  calls: [
    gives(
      'CreateManagedPrefixList',
      { ...NEW, Entries: [{ Cidr: '192.0.2.0/24', Description: 'one' }] },
      { PrefixList: { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 5 } },
      'list',
    ),
    refuses(
      'CreateManagedPrefixList',
      { ...NEW, ClientToken: 'other', AddressFamily: 'IPv5' },
      'InvalidParameterValue',
    ),
    gives(
      'ModifyManagedPrefixList',
      { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '198.51.100.0/24' }] },
      { PrefixList: { PrefixListId } },
    ),
    refuses(
      'ModifyManagedPrefixList',
      { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '203.0.113.0/24' }] },
      'PrefixListVersionMismatch',
    ),
    gives(
      'GetManagedPrefixListEntries',
      { PrefixListId, TargetVersion: 2 },
      { Entries: [{ Cidr: '192.0.2.0/24', Description: 'one' }, { Cidr: '198.51.100.0/24' }] },
    ),
    refuses(
      'GetManagedPrefixListEntries',
      { PrefixListId: NO_LIST },
      'InvalidPrefixListID.NotFound',
      `The prefix list ID '${NO_LIST}' does not exist`,
    ),
    gives(
      'RestoreManagedPrefixListVersion',
      { PrefixListId, PreviousVersion: 1, CurrentVersion: 2 },
      { PrefixList: { PrefixListId } },
    ),
    refuses(
      'RestoreManagedPrefixListVersion',
      { PrefixListId, PreviousVersion: 1, CurrentVersion: 2 },
      'PrefixListVersionMismatch',
    ),
    gives(
      'DescribeManagedPrefixLists',
      { Filters: [{ Name: 'prefix-list-name', Values: ['offices'] }] },
      { PrefixLists: [{ PrefixListId, Version: 3, State: /complete$/ }] },
    ),
    refuses(
      'DescribeManagedPrefixLists',
      { PrefixListIds: [NO_LIST] },
      'InvalidPrefixListID.NotFound',
    ),
    gives('GetManagedPrefixListAssociations', { PrefixListId }, { PrefixListAssociations: [] }),
    refuses(
      'GetManagedPrefixListAssociations',
      { PrefixListId: NO_LIST },
      'InvalidPrefixListID.NotFound',
    ),
    gives('DescribePrefixLists', {}, { PrefixLists: [] }),
    refuses('DescribePrefixLists', { PrefixListIds: [NO_LIST] }, 'InvalidPrefixListID.NotFound'),
    gives('DeleteManagedPrefixList', { PrefixListId }, { PrefixList: { PrefixListId } }),
    refuses('DeleteManagedPrefixList', { PrefixListId: NO_LIST }, 'InvalidPrefixListID.NotFound'),
  ],
};

export const PREFIX_LIST_STORIES: readonly Story[] = [lists];
