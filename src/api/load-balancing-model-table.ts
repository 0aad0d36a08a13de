/**
 * The query protocol of Elastic Load Balancing for the actions that a lab has: wire names, types, enumerations.
 * Made by scripts/load-balancing-model.ts (`npm run ec2-model`) from the API model of Elastic Load Balancing
 * as published in botocore: Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0); trimmed and rearranged.
 */
import type { WireModel } from './wire-types.ts';

export const LOAD_BALANCING_MODEL: WireModel = {
  actions: {
    AddTags: ["AddTagsInput","AddTagsOutput"],
    CreateListener: ["CreateListenerInput","CreateListenerOutput"],
    CreateLoadBalancer: ["CreateLoadBalancerInput","CreateLoadBalancerOutput"],
    CreateTargetGroup: ["CreateTargetGroupInput","CreateTargetGroupOutput"],
    DeleteListener: ["DeleteListenerInput","DeleteListenerOutput"],
    DeleteLoadBalancer: ["DeleteLoadBalancerInput","DeleteLoadBalancerOutput"],
    DeleteTargetGroup: ["DeleteTargetGroupInput","DeleteTargetGroupOutput"],
    DeregisterTargets: ["DeregisterTargetsInput","DeregisterTargetsOutput"],
    DescribeListenerAttributes: ["DescribeListenerAttributesInput","DescribeListenerAttributesOutput"],
    DescribeListeners: ["DescribeListenersInput","DescribeListenersOutput"],
    DescribeLoadBalancerAttributes: ["DescribeLoadBalancerAttributesInput","DescribeLoadBalancerAttributesOutput"],
    DescribeLoadBalancers: ["DescribeLoadBalancersInput","DescribeLoadBalancersOutput"],
    DescribeTags: ["DescribeTagsInput","DescribeTagsOutput"],
    DescribeTargetGroupAttributes: ["DescribeTargetGroupAttributesInput","DescribeTargetGroupAttributesOutput"],
    DescribeTargetGroups: ["DescribeTargetGroupsInput","DescribeTargetGroupsOutput"],
    DescribeTargetHealth: ["DescribeTargetHealthInput","DescribeTargetHealthOutput"],
    ModifyListener: ["ModifyListenerInput","ModifyListenerOutput"],
    ModifyListenerAttributes: ["ModifyListenerAttributesInput","ModifyListenerAttributesOutput"],
    ModifyLoadBalancerAttributes: ["ModifyLoadBalancerAttributesInput","ModifyLoadBalancerAttributesOutput"],
    ModifyTargetGroup: ["ModifyTargetGroupInput","ModifyTargetGroupOutput"],
    ModifyTargetGroupAttributes: ["ModifyTargetGroupAttributesInput","ModifyTargetGroupAttributesOutput"],
    RegisterTargets: ["RegisterTargetsInput","RegisterTargetsOutput"],
    RemoveTags: ["RemoveTagsInput","RemoveTagsOutput"],
    SetSubnets: ["SetSubnetsInput","SetSubnetsOutput"],
  },
  structures: {
    Action: {
      Type: [{"enum":"ActionTypeEnum"},"Type","Type"],
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
      AuthenticateOidcConfig: [{"structure":"AuthenticateOidcActionConfig"},"AuthenticateOidcConfig","AuthenticateOidcConfig"],
      AuthenticateCognitoConfig: [{"structure":"AuthenticateCognitoActionConfig"},"AuthenticateCognitoConfig","AuthenticateCognitoConfig"],
      Order: ["number","Order","Order"],
      RedirectConfig: [{"structure":"RedirectActionConfig"},"RedirectConfig","RedirectConfig"],
      FixedResponseConfig: [{"structure":"FixedResponseActionConfig"},"FixedResponseConfig","FixedResponseConfig"],
      ForwardConfig: [{"structure":"ForwardActionConfig"},"ForwardConfig","ForwardConfig"],
    },
    AddTagsInput: {
      ResourceArns: [{"list":"string","item":"member"},"ResourceArns","ResourceArns"],
      Tags: [{"list":{"structure":"Tag"},"item":"member"},"Tags","Tags"],
    },
    AddTagsOutput: {
    },
    AuthenticateCognitoActionConfig: {
      UserPoolArn: ["string","UserPoolArn","UserPoolArn"],
      UserPoolClientId: ["string","UserPoolClientId","UserPoolClientId"],
      UserPoolDomain: ["string","UserPoolDomain","UserPoolDomain"],
      SessionCookieName: ["string","SessionCookieName","SessionCookieName"],
      Scope: ["string","Scope","Scope"],
      SessionTimeout: ["number","SessionTimeout","SessionTimeout"],
      OnUnauthenticatedRequest: [{"enum":"AuthenticateCognitoActionConditionalBehaviorEnum"},"OnUnauthenticatedRequest","OnUnauthenticatedRequest"],
    },
    AuthenticateOidcActionConfig: {
      Issuer: ["string","Issuer","Issuer"],
      AuthorizationEndpoint: ["string","AuthorizationEndpoint","AuthorizationEndpoint"],
      TokenEndpoint: ["string","TokenEndpoint","TokenEndpoint"],
      UserInfoEndpoint: ["string","UserInfoEndpoint","UserInfoEndpoint"],
      ClientId: ["string","ClientId","ClientId"],
      ClientSecret: ["string","ClientSecret","ClientSecret"],
      SessionCookieName: ["string","SessionCookieName","SessionCookieName"],
      Scope: ["string","Scope","Scope"],
      SessionTimeout: ["number","SessionTimeout","SessionTimeout"],
      OnUnauthenticatedRequest: [{"enum":"AuthenticateOidcActionConditionalBehaviorEnum"},"OnUnauthenticatedRequest","OnUnauthenticatedRequest"],
      UseExistingClientSecret: ["boolean","UseExistingClientSecret","UseExistingClientSecret"],
    },
    AvailabilityZone: {
      ZoneName: ["string","ZoneName","ZoneName"],
      SubnetId: ["string","SubnetId","SubnetId"],
      OutpostId: ["string","OutpostId","OutpostId"],
      LoadBalancerAddresses: [{"list":{"structure":"LoadBalancerAddress"},"item":"member"},"LoadBalancerAddresses","LoadBalancerAddresses"],
    },
    Certificate: {
      CertificateArn: ["string","CertificateArn","CertificateArn"],
      IsDefault: ["boolean","IsDefault","IsDefault"],
    },
    CreateListenerInput: {
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
      Protocol: [{"enum":"ProtocolEnum"},"Protocol","Protocol"],
      Port: ["number","Port","Port"],
      SslPolicy: ["string","SslPolicy","SslPolicy"],
      Certificates: [{"list":{"structure":"Certificate"},"item":"member"},"Certificates","Certificates"],
      DefaultActions: [{"list":{"structure":"Action"},"item":"member"},"DefaultActions","DefaultActions"],
      AlpnPolicy: [{"list":"string","item":"member"},"AlpnPolicy","AlpnPolicy"],
      Tags: [{"list":{"structure":"Tag"},"item":"member"},"Tags","Tags"],
    },
    CreateListenerOutput: {
      Listeners: [{"list":{"structure":"Listener"},"item":"member"},"Listeners","Listeners"],
    },
    CreateLoadBalancerInput: {
      Name: ["string","Name","Name"],
      Subnets: [{"list":"string","item":"member"},"Subnets","Subnets"],
      SubnetMappings: [{"list":{"structure":"SubnetMapping"},"item":"member"},"SubnetMappings","SubnetMappings"],
      SecurityGroups: [{"list":"string","item":"member"},"SecurityGroups","SecurityGroups"],
      Scheme: [{"enum":"LoadBalancerSchemeEnum"},"Scheme","Scheme"],
      Tags: [{"list":{"structure":"Tag"},"item":"member"},"Tags","Tags"],
      Type: [{"enum":"LoadBalancerTypeEnum"},"Type","Type"],
      IpAddressType: [{"enum":"IpAddressType"},"IpAddressType","IpAddressType"],
      CustomerOwnedIpv4Pool: ["string","CustomerOwnedIpv4Pool","CustomerOwnedIpv4Pool"],
    },
    CreateLoadBalancerOutput: {
      LoadBalancers: [{"list":{"structure":"LoadBalancer"},"item":"member"},"LoadBalancers","LoadBalancers"],
    },
    CreateTargetGroupInput: {
      Name: ["string","Name","Name"],
      Protocol: [{"enum":"ProtocolEnum"},"Protocol","Protocol"],
      ProtocolVersion: ["string","ProtocolVersion","ProtocolVersion"],
      Port: ["number","Port","Port"],
      VpcId: ["string","VpcId","VpcId"],
      HealthCheckProtocol: [{"enum":"ProtocolEnum"},"HealthCheckProtocol","HealthCheckProtocol"],
      HealthCheckPort: ["string","HealthCheckPort","HealthCheckPort"],
      HealthCheckEnabled: ["boolean","HealthCheckEnabled","HealthCheckEnabled"],
      HealthCheckPath: ["string","HealthCheckPath","HealthCheckPath"],
      HealthCheckIntervalSeconds: ["number","HealthCheckIntervalSeconds","HealthCheckIntervalSeconds"],
      HealthCheckTimeoutSeconds: ["number","HealthCheckTimeoutSeconds","HealthCheckTimeoutSeconds"],
      HealthyThresholdCount: ["number","HealthyThresholdCount","HealthyThresholdCount"],
      UnhealthyThresholdCount: ["number","UnhealthyThresholdCount","UnhealthyThresholdCount"],
      Matcher: [{"structure":"Matcher"},"Matcher","Matcher"],
      TargetType: [{"enum":"TargetTypeEnum"},"TargetType","TargetType"],
      Tags: [{"list":{"structure":"Tag"},"item":"member"},"Tags","Tags"],
      IpAddressType: [{"enum":"TargetGroupIpAddressTypeEnum"},"IpAddressType","IpAddressType"],
    },
    CreateTargetGroupOutput: {
      TargetGroups: [{"list":{"structure":"TargetGroup"},"item":"member"},"TargetGroups","TargetGroups"],
    },
    DeleteListenerInput: {
      ListenerArn: ["string","ListenerArn","ListenerArn"],
    },
    DeleteListenerOutput: {
    },
    DeleteLoadBalancerInput: {
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
    },
    DeleteLoadBalancerOutput: {
    },
    DeleteTargetGroupInput: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
    },
    DeleteTargetGroupOutput: {
    },
    DeregisterTargetsInput: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
      Targets: [{"list":{"structure":"TargetDescription"},"item":"member"},"Targets","Targets"],
    },
    DeregisterTargetsOutput: {
    },
    DescribeListenerAttributesInput: {
      ListenerArn: ["string","ListenerArn","ListenerArn"],
    },
    DescribeListenerAttributesOutput: {
      Attributes: [{"list":{"structure":"ListenerAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    DescribeListenersInput: {
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
      ListenerArns: [{"list":"string","item":"member"},"ListenerArns","ListenerArns"],
      Marker: ["string","Marker","Marker"],
      PageSize: ["number","PageSize","PageSize"],
    },
    DescribeListenersOutput: {
      Listeners: [{"list":{"structure":"Listener"},"item":"member"},"Listeners","Listeners"],
      NextMarker: ["string","NextMarker","NextMarker"],
    },
    DescribeLoadBalancerAttributesInput: {
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
    },
    DescribeLoadBalancerAttributesOutput: {
      Attributes: [{"list":{"structure":"LoadBalancerAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    DescribeLoadBalancersInput: {
      LoadBalancerArns: [{"list":"string","item":"member"},"LoadBalancerArns","LoadBalancerArns"],
      Names: [{"list":"string","item":"member"},"Names","Names"],
      Marker: ["string","Marker","Marker"],
      PageSize: ["number","PageSize","PageSize"],
    },
    DescribeLoadBalancersOutput: {
      LoadBalancers: [{"list":{"structure":"LoadBalancer"},"item":"member"},"LoadBalancers","LoadBalancers"],
      NextMarker: ["string","NextMarker","NextMarker"],
    },
    DescribeTagsInput: {
      ResourceArns: [{"list":"string","item":"member"},"ResourceArns","ResourceArns"],
    },
    DescribeTagsOutput: {
      TagDescriptions: [{"list":{"structure":"TagDescription"},"item":"member"},"TagDescriptions","TagDescriptions"],
    },
    DescribeTargetGroupAttributesInput: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
    },
    DescribeTargetGroupAttributesOutput: {
      Attributes: [{"list":{"structure":"TargetGroupAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    DescribeTargetGroupsInput: {
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
      TargetGroupArns: [{"list":"string","item":"member"},"TargetGroupArns","TargetGroupArns"],
      Names: [{"list":"string","item":"member"},"Names","Names"],
      Marker: ["string","Marker","Marker"],
      PageSize: ["number","PageSize","PageSize"],
    },
    DescribeTargetGroupsOutput: {
      TargetGroups: [{"list":{"structure":"TargetGroup"},"item":"member"},"TargetGroups","TargetGroups"],
      NextMarker: ["string","NextMarker","NextMarker"],
    },
    DescribeTargetHealthInput: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
      Targets: [{"list":{"structure":"TargetDescription"},"item":"member"},"Targets","Targets"],
    },
    DescribeTargetHealthOutput: {
      TargetHealthDescriptions: [{"list":{"structure":"TargetHealthDescription"},"item":"member"},"TargetHealthDescriptions","TargetHealthDescriptions"],
    },
    FixedResponseActionConfig: {
      MessageBody: ["string","MessageBody","MessageBody"],
      StatusCode: ["string","StatusCode","StatusCode"],
      ContentType: ["string","ContentType","ContentType"],
    },
    ForwardActionConfig: {
      TargetGroups: [{"list":{"structure":"TargetGroupTuple"},"item":"member"},"TargetGroups","TargetGroups"],
      TargetGroupStickinessConfig: [{"structure":"TargetGroupStickinessConfig"},"TargetGroupStickinessConfig","TargetGroupStickinessConfig"],
    },
    Listener: {
      ListenerArn: ["string","ListenerArn","ListenerArn"],
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
      Port: ["number","Port","Port"],
      Protocol: [{"enum":"ProtocolEnum"},"Protocol","Protocol"],
      Certificates: [{"list":{"structure":"Certificate"},"item":"member"},"Certificates","Certificates"],
      SslPolicy: ["string","SslPolicy","SslPolicy"],
      DefaultActions: [{"list":{"structure":"Action"},"item":"member"},"DefaultActions","DefaultActions"],
      AlpnPolicy: [{"list":"string","item":"member"},"AlpnPolicy","AlpnPolicy"],
    },
    ListenerAttribute: {
      Key: ["string","Key","Key"],
      Value: ["string","Value","Value"],
    },
    LoadBalancer: {
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
      DNSName: ["string","DNSName","DNSName"],
      CanonicalHostedZoneId: ["string","CanonicalHostedZoneId","CanonicalHostedZoneId"],
      CreatedTime: ["timestamp","CreatedTime","CreatedTime"],
      LoadBalancerName: ["string","LoadBalancerName","LoadBalancerName"],
      Scheme: [{"enum":"LoadBalancerSchemeEnum"},"Scheme","Scheme"],
      VpcId: ["string","VpcId","VpcId"],
      State: [{"structure":"LoadBalancerState"},"State","State"],
      Type: [{"enum":"LoadBalancerTypeEnum"},"Type","Type"],
      AvailabilityZones: [{"list":{"structure":"AvailabilityZone"},"item":"member"},"AvailabilityZones","AvailabilityZones"],
      SecurityGroups: [{"list":"string","item":"member"},"SecurityGroups","SecurityGroups"],
      IpAddressType: [{"enum":"IpAddressType"},"IpAddressType","IpAddressType"],
      CustomerOwnedIpv4Pool: ["string","CustomerOwnedIpv4Pool","CustomerOwnedIpv4Pool"],
    },
    LoadBalancerAddress: {
      IpAddress: ["string","IpAddress","IpAddress"],
      AllocationId: ["string","AllocationId","AllocationId"],
      PrivateIPv4Address: ["string","PrivateIPv4Address","PrivateIPv4Address"],
      IPv6Address: ["string","IPv6Address","IPv6Address"],
    },
    LoadBalancerAttribute: {
      Key: ["string","Key","Key"],
      Value: ["string","Value","Value"],
    },
    LoadBalancerState: {
      Code: [{"enum":"LoadBalancerStateEnum"},"Code","Code"],
      Reason: ["string","Reason","Reason"],
    },
    Matcher: {
      HttpCode: ["string","HttpCode","HttpCode"],
      GrpcCode: ["string","GrpcCode","GrpcCode"],
    },
    ModifyListenerAttributesInput: {
      ListenerArn: ["string","ListenerArn","ListenerArn"],
      Attributes: [{"list":{"structure":"ListenerAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    ModifyListenerAttributesOutput: {
      Attributes: [{"list":{"structure":"ListenerAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    ModifyListenerInput: {
      ListenerArn: ["string","ListenerArn","ListenerArn"],
      Port: ["number","Port","Port"],
      Protocol: [{"enum":"ProtocolEnum"},"Protocol","Protocol"],
      SslPolicy: ["string","SslPolicy","SslPolicy"],
      Certificates: [{"list":{"structure":"Certificate"},"item":"member"},"Certificates","Certificates"],
      DefaultActions: [{"list":{"structure":"Action"},"item":"member"},"DefaultActions","DefaultActions"],
      AlpnPolicy: [{"list":"string","item":"member"},"AlpnPolicy","AlpnPolicy"],
    },
    ModifyListenerOutput: {
      Listeners: [{"list":{"structure":"Listener"},"item":"member"},"Listeners","Listeners"],
    },
    ModifyLoadBalancerAttributesInput: {
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
      Attributes: [{"list":{"structure":"LoadBalancerAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    ModifyLoadBalancerAttributesOutput: {
      Attributes: [{"list":{"structure":"LoadBalancerAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    ModifyTargetGroupAttributesInput: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
      Attributes: [{"list":{"structure":"TargetGroupAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    ModifyTargetGroupAttributesOutput: {
      Attributes: [{"list":{"structure":"TargetGroupAttribute"},"item":"member"},"Attributes","Attributes"],
    },
    ModifyTargetGroupInput: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
      HealthCheckProtocol: [{"enum":"ProtocolEnum"},"HealthCheckProtocol","HealthCheckProtocol"],
      HealthCheckPort: ["string","HealthCheckPort","HealthCheckPort"],
      HealthCheckPath: ["string","HealthCheckPath","HealthCheckPath"],
      HealthCheckEnabled: ["boolean","HealthCheckEnabled","HealthCheckEnabled"],
      HealthCheckIntervalSeconds: ["number","HealthCheckIntervalSeconds","HealthCheckIntervalSeconds"],
      HealthCheckTimeoutSeconds: ["number","HealthCheckTimeoutSeconds","HealthCheckTimeoutSeconds"],
      HealthyThresholdCount: ["number","HealthyThresholdCount","HealthyThresholdCount"],
      UnhealthyThresholdCount: ["number","UnhealthyThresholdCount","UnhealthyThresholdCount"],
      Matcher: [{"structure":"Matcher"},"Matcher","Matcher"],
    },
    ModifyTargetGroupOutput: {
      TargetGroups: [{"list":{"structure":"TargetGroup"},"item":"member"},"TargetGroups","TargetGroups"],
    },
    RedirectActionConfig: {
      Protocol: ["string","Protocol","Protocol"],
      Port: ["string","Port","Port"],
      Host: ["string","Host","Host"],
      Path: ["string","Path","Path"],
      Query: ["string","Query","Query"],
      StatusCode: [{"enum":"RedirectActionStatusCodeEnum"},"StatusCode","StatusCode"],
    },
    RegisterTargetsInput: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
      Targets: [{"list":{"structure":"TargetDescription"},"item":"member"},"Targets","Targets"],
    },
    RegisterTargetsOutput: {
    },
    RemoveTagsInput: {
      ResourceArns: [{"list":"string","item":"member"},"ResourceArns","ResourceArns"],
      TagKeys: [{"list":"string","item":"member"},"TagKeys","TagKeys"],
    },
    RemoveTagsOutput: {
    },
    SetSubnetsInput: {
      LoadBalancerArn: ["string","LoadBalancerArn","LoadBalancerArn"],
      Subnets: [{"list":"string","item":"member"},"Subnets","Subnets"],
      SubnetMappings: [{"list":{"structure":"SubnetMapping"},"item":"member"},"SubnetMappings","SubnetMappings"],
      IpAddressType: [{"enum":"IpAddressType"},"IpAddressType","IpAddressType"],
    },
    SetSubnetsOutput: {
      AvailabilityZones: [{"list":{"structure":"AvailabilityZone"},"item":"member"},"AvailabilityZones","AvailabilityZones"],
      IpAddressType: [{"enum":"IpAddressType"},"IpAddressType","IpAddressType"],
    },
    SubnetMapping: {
      SubnetId: ["string","SubnetId","SubnetId"],
      AllocationId: ["string","AllocationId","AllocationId"],
      PrivateIPv4Address: ["string","PrivateIPv4Address","PrivateIPv4Address"],
      IPv6Address: ["string","IPv6Address","IPv6Address"],
    },
    Tag: {
      Key: ["string","Key","Key"],
      Value: ["string","Value","Value"],
    },
    TagDescription: {
      ResourceArn: ["string","ResourceArn","ResourceArn"],
      Tags: [{"list":{"structure":"Tag"},"item":"member"},"Tags","Tags"],
    },
    TargetDescription: {
      Id: ["string","Id","Id"],
      Port: ["number","Port","Port"],
      AvailabilityZone: ["string","AvailabilityZone","AvailabilityZone"],
    },
    TargetGroup: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
      TargetGroupName: ["string","TargetGroupName","TargetGroupName"],
      Protocol: [{"enum":"ProtocolEnum"},"Protocol","Protocol"],
      Port: ["number","Port","Port"],
      VpcId: ["string","VpcId","VpcId"],
      HealthCheckProtocol: [{"enum":"ProtocolEnum"},"HealthCheckProtocol","HealthCheckProtocol"],
      HealthCheckPort: ["string","HealthCheckPort","HealthCheckPort"],
      HealthCheckEnabled: ["boolean","HealthCheckEnabled","HealthCheckEnabled"],
      HealthCheckIntervalSeconds: ["number","HealthCheckIntervalSeconds","HealthCheckIntervalSeconds"],
      HealthCheckTimeoutSeconds: ["number","HealthCheckTimeoutSeconds","HealthCheckTimeoutSeconds"],
      HealthyThresholdCount: ["number","HealthyThresholdCount","HealthyThresholdCount"],
      UnhealthyThresholdCount: ["number","UnhealthyThresholdCount","UnhealthyThresholdCount"],
      HealthCheckPath: ["string","HealthCheckPath","HealthCheckPath"],
      Matcher: [{"structure":"Matcher"},"Matcher","Matcher"],
      LoadBalancerArns: [{"list":"string","item":"member"},"LoadBalancerArns","LoadBalancerArns"],
      TargetType: [{"enum":"TargetTypeEnum"},"TargetType","TargetType"],
      ProtocolVersion: ["string","ProtocolVersion","ProtocolVersion"],
      IpAddressType: [{"enum":"TargetGroupIpAddressTypeEnum"},"IpAddressType","IpAddressType"],
    },
    TargetGroupAttribute: {
      Key: ["string","Key","Key"],
      Value: ["string","Value","Value"],
    },
    TargetGroupStickinessConfig: {
      Enabled: ["boolean","Enabled","Enabled"],
      DurationSeconds: ["number","DurationSeconds","DurationSeconds"],
    },
    TargetGroupTuple: {
      TargetGroupArn: ["string","TargetGroupArn","TargetGroupArn"],
      Weight: ["number","Weight","Weight"],
    },
    TargetHealth: {
      State: [{"enum":"TargetHealthStateEnum"},"State","State"],
      Reason: [{"enum":"TargetHealthReasonEnum"},"Reason","Reason"],
      Description: ["string","Description","Description"],
    },
    TargetHealthDescription: {
      Target: [{"structure":"TargetDescription"},"Target","Target"],
      HealthCheckPort: ["string","HealthCheckPort","HealthCheckPort"],
      TargetHealth: [{"structure":"TargetHealth"},"TargetHealth","TargetHealth"],
    },
  },
  enums: {
    ActionTypeEnum: ["authenticate-cognito","authenticate-oidc","fixed-response","forward","redirect"],
    AuthenticateCognitoActionConditionalBehaviorEnum: ["allow","authenticate","deny"],
    AuthenticateOidcActionConditionalBehaviorEnum: ["allow","authenticate","deny"],
    IpAddressType: ["dualstack","ipv4"],
    LoadBalancerSchemeEnum: ["internal","internet-facing"],
    LoadBalancerStateEnum: ["active","active_impaired","failed","provisioning"],
    LoadBalancerTypeEnum: ["application","gateway","network"],
    ProtocolEnum: ["GENEVE","HTTP","HTTPS","TCP","TCP_UDP","TLS","UDP"],
    RedirectActionStatusCodeEnum: ["HTTP_301","HTTP_302"],
    TargetGroupIpAddressTypeEnum: ["ipv4","ipv6"],
    TargetHealthReasonEnum: ["Elb.InitialHealthChecking","Elb.InternalError","Elb.RegistrationInProgress","Target.DeregistrationInProgress","Target.FailedHealthChecks","Target.HealthCheckDisabled","Target.InvalidState","Target.IpUnusable","Target.NotInUse","Target.NotRegistered","Target.ResponseCodeMismatch","Target.Timeout"],
    TargetHealthStateEnum: ["draining","healthy","initial","unavailable","unhealthy","unused"],
    TargetTypeEnum: ["alb","instance","ip","lambda"],
  },
};
