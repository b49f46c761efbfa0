"""The template that switches execution logging on: the account's role once, then the stage's settings."""

from __future__ import annotations

from loganalyzer.audit.checks.access_log import FORMAT
from loganalyzer.audit.mend import scalar

_TEMPLATE = """\
# Switches on the execution log (and an access log) of a stage of an API Gateway REST API.
#
#   aws cloudformation deploy --stack-name apigateway-logging --capabilities CAPABILITY_IAM \\
#     --template-file logging.yaml --parameter-overrides RestApiId=@API@ StageName=@STAGE@
#
# That makes the role and the account's setting, which all APIs of the region share, and the log groups. A stage belongs
# to one stack alone: with DeploymentId=… this stack makes a new stage; for a stage that there is already, copy
# MethodSettings and AccessLogSetting below into its own template, or say
#
#   aws apigateway update-stage --rest-api-id @API@ --stage-name @STAGE@ --patch-operations \\
#     'op=replace,path=/*/*/logging/loglevel,value=INFO' 'op=replace,path=/*/*/logging/dataTrace,value=false'
#
# In SAM the same MethodSettings and AccessLogSetting stand under AWS::Serverless::Api:
#
#   Api:
#     Type: AWS::Serverless::Api
#     Properties:
#       StageName: @STAGE@
#       MethodSettings:
#         - {ResourcePath: /*, HttpMethod: '*', LoggingLevel: INFO, DataTraceEnabled: false}
#
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
AWSTemplateFormatVersion: '2010-09-09'
Description: Execution and access logging of an API Gateway stage

Parameters:
  RestApiId:
    Type: String
    Default: @API_DEFAULT@
    Description: The id of the REST API
  StageName:
    Type: String
    Default: @STAGE_DEFAULT@
  DeploymentId:
    Type: String
    Default: ''
    Description: Makes the stage from this deployment; empty where the stage exists already
  LoggingLevel:
    Type: String
    Default: INFO
    AllowedValues: [INFO, ERROR, 'OFF']
  DataTrace:
    Type: String
    Default: 'false'
    AllowedValues: ['true', 'false']
    Description: Logs whole requests and responses, secrets included; only while something is investigated
  RetentionInDays:
    Type: Number
    Default: 30
    AllowedValues: [1, 3, 5, 7, 14, 30, 60, 90, 180, 365]
  CreateAccountRole:
    Type: String
    Default: 'true'
    AllowedValues: ['true', 'false']
    Description: One stack in a region and account sets the role; say false in every other one
  CreateExecutionLogGroup:
    Type: String
    Default: 'false'
    AllowedValues: ['true', 'false']
    Description: Makes the execution log group with a retention; not where API Gateway has made it already

Conditions:
  HasAccountRole: !Equals [!Ref CreateAccountRole, 'true']
  HasExecutionLogGroup: !Equals [!Ref CreateExecutionLogGroup, 'true']
  HasStage: !Not [!Equals [!Ref DeploymentId, '']]

Resources:
  CloudWatchRole:
    Type: AWS::IAM::Role
    Condition: HasAccountRole
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              Service: apigateway.amazonaws.com
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs

  Account:
    Type: AWS::ApiGateway::Account
    Condition: HasAccountRole
    Properties:
      CloudWatchRoleArn: !GetAtt CloudWatchRole.Arn

  ExecutionLog:
    Type: AWS::Logs::LogGroup
    Condition: HasExecutionLogGroup
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      LogGroupName: !Sub API-Gateway-Execution-Logs_${RestApiId}/${StageName}
      RetentionInDays: !Ref RetentionInDays

  AccessLog:
    Type: AWS::Logs::LogGroup
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      LogGroupName: !Sub api-access-logs/${RestApiId}/${StageName}
      RetentionInDays: !Ref RetentionInDays

  Stage:
    Type: AWS::ApiGateway::Stage
    Condition: HasStage
    Properties:
      RestApiId: !Ref RestApiId
      StageName: !Ref StageName
      DeploymentId: !Ref DeploymentId
      TracingEnabled: true
      MethodSettings:
        - ResourcePath: /*
          HttpMethod: '*'
          LoggingLevel: !Ref LoggingLevel
          DataTraceEnabled: !Ref DataTrace
          MetricsEnabled: true
      AccessLogSetting:
        DestinationArn: !GetAtt AccessLog.Arn
        Format: @FORMAT@

Outputs:
  ExecutionLogGroup:
    Description: Where the execution log appears after the first request
    Value: !Sub API-Gateway-Execution-Logs_${RestApiId}/${StageName}
"""


def enabling_template(*, api: str = "", stage: str = "") -> str:
    """A CloudFormation template with the account's role and the settings of a stage, for one API or any."""
    written = {
        "@API@": _plain(api) or "RESTAPIID",
        "@STAGE@": _plain(stage) or "prod",
        "@API_DEFAULT@": scalar(api) if api else "RESTAPIID",
        "@STAGE_DEFAULT@": scalar(stage or "prod"),
        "@FORMAT@": scalar(FORMAT),
    }
    text = _TEMPLATE
    for name, value in written.items():
        text = text.replace(name, value)
    return text


def _plain(name: str) -> str:
    """A name that can stand in a comment and in a command."""
    return "".join(letter for letter in name if letter.isalnum() or letter in "-_")
