/** The tables of the actions against AWS's model: nothing is taken that AWS has not. */
import t from 'tap';
import { botocoreReader } from '../../scripts/botocore-schemas.ts';
import type { SchemaOperation } from '../../scripts/ec2-schemas.ts';
import { readOperation } from '../../scripts/ec2-schemas.ts';
import { loadBalancingBotocore } from '../../scripts/load-balancing-model.ts';
import type { ActionDefinition } from '../../src/actions/action.ts';
import { partsOfAction } from '../../src/actions/action-names.ts';
import { LOAD_BALANCING_ACTIONS } from '../../src/actions/load-balancing/table.ts';
import { ACTIONS } from '../../src/actions/table.ts';
import { differencesOf } from './untaken.ts';

/** What AWS takes and the actions do not yet: the parameter is refused with UnknownParameter. */
const UNTAKEN: Readonly<Record<string, string>> = {
  CreateVpc:
    'Ipv4IpamPoolId Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength Ipv6CidrBlockNetworkBorderGroup VpcEncryptionControl',
  ModifyVpcAttribute: 'EnableNetworkAddressUsageMetrics',
  AssociateVpcCidrBlock:
    'Ipv6CidrBlockNetworkBorderGroup Ipv4IpamPoolId Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength',
  CreateDefaultSubnet: 'Ipv6Native AvailabilityZoneId',
  CreateSubnet: 'OutpostArn Ipv4IpamPoolId Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength',
  ModifySubnetAttribute:
    'MapCustomerOwnedIpOnLaunch CustomerOwnedIpv4Pool PrivateDnsHostnameTypeOnLaunch EnableResourceNameDnsARecordOnLaunch EnableResourceNameDnsAAAARecordOnLaunch EnableLniAtDeviceIndex DisableLniAtDeviceIndex',
  AssociateSubnetCidrBlock: 'Ipv6IpamPoolId Ipv6NetmaskLength',
  CreateSubnetCidrReservation: 'TagSpecifications',
  CreateNetworkInterface: 'InterfaceType Operator Ipv6Addresses.IsPrimaryIpv6',
  DescribeNetworkInterfaces: 'IncludeManagedResources',
  AttachNetworkInterface: 'NetworkCardIndex EnaSrdSpecification EnaQueueCount',
  ModifyNetworkInterfaceAttribute:
    'EnaSrdSpecification AssociatePublicIpAddress AssociatedSubnetIds Attachment.DefaultEnaQueueCount Attachment.EnaQueueCount',
  RunInstances:
    'KernelId RamdiskId ElasticGpuSpecification ElasticInferenceAccelerators InstanceMarketOptions CpuOptions CapacityReservationSpecification HibernationOptions LicenseSpecifications EnclaveOptions PrivateDnsNameOptions MaintenanceOptions EnablePrimaryIpv6 NetworkPerformanceOptions Operator SecondaryInterfaces AdditionalInfo Monitoring.MetricCategoryIds Placement.AvailabilityZoneId Placement.Affinity Placement.GroupName Placement.PartitionNumber Placement.HostId Placement.SpreadDomain Placement.HostResourceGroupArn Placement.GroupId Ipv6Addresses.IsPrimaryIpv6 NetworkInterfaces.AssociateCarrierIpAddress NetworkInterfaces.PrimaryIpv6 NetworkInterfaces.EnaSrdSpecification NetworkInterfaces.EnaQueueCount NetworkInterfaces.Ipv6Addresses.IsPrimaryIpv6 BlockDeviceMappings.NoDevice BlockDeviceMappings.VirtualName BlockDeviceMappings.Ebs.SnapshotId BlockDeviceMappings.Ebs.KmsKeyId BlockDeviceMappings.Ebs.OutpostArn BlockDeviceMappings.Ebs.AvailabilityZone BlockDeviceMappings.Ebs.VolumeInitializationRate BlockDeviceMappings.Ebs.AvailabilityZoneId BlockDeviceMappings.Ebs.EbsCardIndex',
  StartInstances: 'AdditionalInfo',
  StopInstances: 'Hibernate SkipOsShutdown',
  TerminateInstances: 'Force SkipOsShutdown',
  DescribeInstances: 'IncludeManagedResources',
  ModifyInstanceAttribute:
    'EnclaveOptions Kernel Ramdisk SriovNetSupport EnaSupport BlockDeviceMappings.VirtualName BlockDeviceMappings.NoDevice BlockDeviceMappings.Ebs.VolumeId',
  MonitorInstances: 'MetricCategoryIds',
  UnmonitorInstances: 'MetricCategoryIds',
  DescribeInstanceStatus: 'IncludeManagedResources',
  DescribeInstanceTypes: 'IncludeUnsupportedInRegion',
  ModifyImageAttribute:
    'ProductCodes Value OrganizationArns OrganizationalUnitArns ImdsSupport LaunchPermission.Add.OrganizationArn LaunchPermission.Add.OrganizationalUnitArn LaunchPermission.Remove.OrganizationArn LaunchPermission.Remove.OrganizationalUnitArn',
  CreateLaunchTemplate:
    'Operator LaunchTemplateData.KernelId LaunchTemplateData.RamDiskId LaunchTemplateData.ElasticGpuSpecifications LaunchTemplateData.ElasticInferenceAccelerators LaunchTemplateData.InstanceMarketOptions LaunchTemplateData.CpuOptions LaunchTemplateData.CapacityReservationSpecification LaunchTemplateData.LicenseSpecifications LaunchTemplateData.HibernationOptions LaunchTemplateData.EnclaveOptions LaunchTemplateData.InstanceRequirements LaunchTemplateData.PrivateDnsNameOptions LaunchTemplateData.MaintenanceOptions LaunchTemplateData.Operator LaunchTemplateData.NetworkPerformanceOptions LaunchTemplateData.SecondaryInterfaces LaunchTemplateData.Monitoring.MetricCategoryIds LaunchTemplateData.Placement.AvailabilityZoneId LaunchTemplateData.Placement.Affinity LaunchTemplateData.Placement.GroupName LaunchTemplateData.Placement.HostId LaunchTemplateData.Placement.SpreadDomain LaunchTemplateData.Placement.HostResourceGroupArn LaunchTemplateData.Placement.PartitionNumber LaunchTemplateData.Placement.GroupId LaunchTemplateData.NetworkInterfaces.AssociateCarrierIpAddress LaunchTemplateData.NetworkInterfaces.PrimaryIpv6 LaunchTemplateData.NetworkInterfaces.EnaSrdSpecification LaunchTemplateData.NetworkInterfaces.EnaQueueCount LaunchTemplateData.BlockDeviceMappings.VirtualName LaunchTemplateData.BlockDeviceMappings.NoDevice LaunchTemplateData.BlockDeviceMappings.Ebs.KmsKeyId LaunchTemplateData.BlockDeviceMappings.Ebs.SnapshotId LaunchTemplateData.BlockDeviceMappings.Ebs.VolumeInitializationRate LaunchTemplateData.BlockDeviceMappings.Ebs.EbsCardIndex',
  DescribeLaunchTemplates: 'IncludeManagedResources',
  CreateLaunchTemplateVersion:
    'ResolveAlias LaunchTemplateData.KernelId LaunchTemplateData.RamDiskId LaunchTemplateData.ElasticGpuSpecifications LaunchTemplateData.ElasticInferenceAccelerators LaunchTemplateData.InstanceMarketOptions LaunchTemplateData.CpuOptions LaunchTemplateData.CapacityReservationSpecification LaunchTemplateData.LicenseSpecifications LaunchTemplateData.HibernationOptions LaunchTemplateData.EnclaveOptions LaunchTemplateData.InstanceRequirements LaunchTemplateData.PrivateDnsNameOptions LaunchTemplateData.MaintenanceOptions LaunchTemplateData.Operator LaunchTemplateData.NetworkPerformanceOptions LaunchTemplateData.SecondaryInterfaces LaunchTemplateData.Monitoring.MetricCategoryIds LaunchTemplateData.Placement.AvailabilityZoneId LaunchTemplateData.Placement.Affinity LaunchTemplateData.Placement.GroupName LaunchTemplateData.Placement.HostId LaunchTemplateData.Placement.SpreadDomain LaunchTemplateData.Placement.HostResourceGroupArn LaunchTemplateData.Placement.PartitionNumber LaunchTemplateData.Placement.GroupId LaunchTemplateData.NetworkInterfaces.AssociateCarrierIpAddress LaunchTemplateData.NetworkInterfaces.PrimaryIpv6 LaunchTemplateData.NetworkInterfaces.EnaSrdSpecification LaunchTemplateData.NetworkInterfaces.EnaQueueCount LaunchTemplateData.BlockDeviceMappings.VirtualName LaunchTemplateData.BlockDeviceMappings.NoDevice LaunchTemplateData.BlockDeviceMappings.Ebs.KmsKeyId LaunchTemplateData.BlockDeviceMappings.Ebs.SnapshotId LaunchTemplateData.BlockDeviceMappings.Ebs.VolumeInitializationRate LaunchTemplateData.BlockDeviceMappings.Ebs.EbsCardIndex',
  DescribeLaunchTemplateVersions: 'ResolveAlias IncludeManagedResources',
  DescribeVolumes: 'IncludeManagedResources',
  AssociateRouteTable: 'PublicIpv4Pool',
  CreateRoute: 'CoreNetworkArn OdbNetworkArn',
  ReplaceRoute: 'CoreNetworkArn OdbNetworkArn',
  ModifyManagedPrefixList: 'IpamPrefixListResolverSyncEnabled',
  AllocateAddress: 'CustomerOwnedIpv4Pool IpamPoolId',
  CreateNatGateway: 'AvailabilityMode VpcId AvailabilityZoneAddresses',
  AssociateNatGatewayAddress: 'AvailabilityZone AvailabilityZoneId',
  CreateCustomerGateway: 'CertificateArn BgpAsnExtended',
  CreateVpnConnection:
    'VpnConcentratorId PreSharedKeyStorage Options.EnableAcceleration Options.TunnelInsideIpVersion Options.TunnelOptions Options.LocalIpv4NetworkCidr Options.RemoteIpv4NetworkCidr Options.LocalIpv6NetworkCidr Options.RemoteIpv6NetworkCidr Options.OutsideIpAddressType Options.TransportTransitGatewayAttachmentId Options.TunnelBandwidth',
  CreateVpcEndpoint:
    'ServiceNetworkArn ResourceConfigurationArn ServiceRegion DnsOptions.PrivateDnsPreference DnsOptions.PrivateDnsSpecifiedDomains',
  ModifyVpcEndpoint: 'DnsOptions.PrivateDnsPreference DnsOptions.PrivateDnsSpecifiedDomains',
  CreateNetworkInsightsPath: 'FilterAtDestination FilterAtSource.SourcePortRange',
  StartNetworkInsightsAnalysis: 'AdditionalAccounts FilterInArns FilterOutArns',
  CreateNetworkInterfacePermission: 'AwsService',
  CreateVpcEndpointServiceConfiguration: 'SupportedRegions',
  ModifyVpcEndpointServiceConfiguration: 'AddSupportedRegions RemoveSupportedRegions',
  ModifyTransitGateway: 'Options.EncryptionSupport',
  EnableTransitGatewayRouteTablePropagation: 'TransitGatewayRouteTableAnnouncementId',
  DisableTransitGatewayRouteTablePropagation: 'TransitGatewayRouteTableAnnouncementId',
  CreateFlowLogs: 'DeliverCrossAccountRole DestinationOptions TagFieldSpecifications',
};

/** What listeners of other load balancers have. */
const LISTENERS =
  'SslPolicy Certificates AlpnPolicy DefaultActions.AuthenticateOidcConfig DefaultActions.AuthenticateCognitoConfig DefaultActions.RedirectConfig DefaultActions.FixedResponseConfig DefaultActions.ForwardConfig.TargetGroupStickinessConfig';
const UNTAKEN_OF_BALANCING: Readonly<Record<string, string>> = {
  'elasticloadbalancing:CreateLoadBalancer': 'CustomerOwnedIpv4Pool',
  'elasticloadbalancing:CreateListener': LISTENERS,
  'elasticloadbalancing:ModifyListener': LISTENERS,
};

/** The actions of a service, and what AWS says of them. */
interface Tongue {
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  readonly untaken: Readonly<Record<string, string>>;
  readonly read: (name: string) => SchemaOperation;
}

const TONGUES: readonly Tongue[] = [
  { actions: ACTIONS, untaken: UNTAKEN, read: readOperation },
  {
    actions: LOAD_BALANCING_ACTIONS,
    untaken: UNTAKEN_OF_BALANCING,
    read: botocoreReader(loadBalancingBotocore()),
  },
];

t.test('every parameter of an action is one of AWS, of the same type', (t) => {
  for (const { actions, untaken: known } of TONGUES) {
    for (const definition of actions.values()) {
      const { untaken, wrong } = differencesOf(definition);
      t.same(wrong, [], definition.name);
      t.equal(untaken.join(' '), known[definition.name] ?? '', `${definition.name}: not taken`);
    }
    t.same(
      Object.keys(known).filter((name) => !actions.has(name)),
      [],
    );
  }
  t.end();
});

t.test('an action requires what AWS requires', (t) => {
  for (const { actions, read } of TONGUES) {
    for (const { name, required } of actions.values()) {
      const { input } = read(partsOfAction(name).name);
      const members = input.kind === 'structure' ? input.members() : [];
      const missing = members.filter((each) => each.required && !required.includes(each.name));
      t.same(
        missing.map((member) => member.name),
        [],
        name,
      );
    }
  }
  t.end();
});
