/** The tables of the actions against AWS's model: nothing is taken that AWS has not. */
import t from 'tap';
import { readOperation } from '../../scripts/ec2-schemas.ts';
import { ACTIONS } from '../../src/actions/table.ts';
import { differencesOf } from './untaken.ts';

/** What AWS takes and the actions do not yet: the parameter is refused with UnknownParameter. */
const UNTAKEN: Readonly<Record<string, string>> = {
  CreateVpc:
    'Ipv4IpamPoolId Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength Ipv6CidrBlockNetworkBorderGroup VpcEncryptionControl',
  ModifyVpcAttribute: 'EnableNetworkAddressUsageMetrics',
  AssociateVpcCidrBlock:
    'Ipv6CidrBlockNetworkBorderGroup Ipv4IpamPoolId Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength',
  CreateSubnet: 'OutpostArn Ipv4IpamPoolId Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength',
  CreateDefaultSubnet: 'Ipv6Native AvailabilityZoneId',
  ModifySubnetAttribute:
    'MapCustomerOwnedIpOnLaunch CustomerOwnedIpv4Pool EnableDns64 PrivateDnsHostnameTypeOnLaunch EnableResourceNameDnsARecordOnLaunch EnableResourceNameDnsAAAARecordOnLaunch EnableLniAtDeviceIndex DisableLniAtDeviceIndex',
  AssociateSubnetCidrBlock: 'Ipv6IpamPoolId Ipv6NetmaskLength',
  CreateSubnetCidrReservation: 'TagSpecifications',
  CreateNetworkInterface: 'InterfaceType Operator Ipv6Addresses.IsPrimaryIpv6',
  DescribeNetworkInterfaces: 'IncludeManagedResources',
  AttachNetworkInterface: 'NetworkCardIndex EnaSrdSpecification EnaQueueCount',
  ModifyNetworkInterfaceAttribute:
    'EnaSrdSpecification AssociatePublicIpAddress AssociatedSubnetIds Attachment.DefaultEnaQueueCount Attachment.EnaQueueCount',
  RunInstances:
    'BlockDeviceMappings KernelId KeyName Monitoring Placement RamdiskId UserData ElasticGpuSpecification ElasticInferenceAccelerators LaunchTemplate InstanceMarketOptions CreditSpecification CpuOptions CapacityReservationSpecification HibernationOptions LicenseSpecifications MetadataOptions EnclaveOptions PrivateDnsNameOptions MaintenanceOptions DisableApiStop EnablePrimaryIpv6 NetworkPerformanceOptions Operator SecondaryInterfaces DisableApiTermination InstanceInitiatedShutdownBehavior AdditionalInfo IamInstanceProfile EbsOptimized Ipv6Addresses.IsPrimaryIpv6 NetworkInterfaces.AssociatePublicIpAddress NetworkInterfaces.AssociateCarrierIpAddress NetworkInterfaces.InterfaceType NetworkInterfaces.NetworkCardIndex NetworkInterfaces.PrimaryIpv6 NetworkInterfaces.EnaSrdSpecification NetworkInterfaces.EnaQueueCount NetworkInterfaces.Ipv6Addresses.IsPrimaryIpv6',
  StartInstances: 'AdditionalInfo',
  StopInstances: 'Hibernate SkipOsShutdown',
  TerminateInstances: 'Force SkipOsShutdown',
  DescribeInstances: 'IncludeManagedResources',
  ModifyInstanceAttribute:
    'EnclaveOptions DisableApiStop Attribute Value BlockDeviceMappings DisableApiTermination InstanceType Kernel Ramdisk UserData InstanceInitiatedShutdownBehavior EbsOptimized SriovNetSupport EnaSupport',
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

t.test('every parameter of an action is one of AWS, of the same type', (t) => {
  for (const definition of ACTIONS.values()) {
    const { untaken, wrong } = differencesOf(definition);
    t.same(wrong, [], definition.name);
    t.equal(untaken.join(' '), UNTAKEN[definition.name] ?? '', `${definition.name}: not taken`);
  }
  t.same(
    Object.keys(UNTAKEN).filter((name) => !ACTIONS.has(name)),
    [],
  );
  t.end();
});

t.test('an action requires what AWS requires', (t) => {
  for (const { name, required } of ACTIONS.values()) {
    const { input } = readOperation(name);
    const members = input.kind === 'structure' ? input.members() : [];
    const missing = members.filter((member) => member.required && !required.includes(member.name));
    t.same(
      missing.map((member) => member.name),
      [],
      name,
    );
  }
  t.end();
});
